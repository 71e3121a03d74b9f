// A mail server that keeps what it gets. It takes nothing for `refused…`, and answers over HTTP what came for somebody.
import { createServer as createHttp } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

export interface Mailbox {
  /** What ROSTERD_SMTP_URL has to be. */
  smtp: string;
  /** Where mails can be read: `/?to=…`. */
  url: string;
  stop(): Promise<void>;
}

/** What quoted-printable or base64 stands for. */
function decoded(body: string, encoding: string): string {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(encoding)) return body;
  const bytes = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function mailOf(to: string, data: string): Mail {
  const end = data.indexOf('\r\n\r\n');
  const head = data.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  return { to, subject: field('Subject'), text: decoded(data.slice(end + 4), field('Content-Transfer-Encoding')) };
}

/** A conversation with a client, as far as it is needed. */
function converse(socket: Socket, keep: (mail: Mail) => void): void {
  let rest = '';
  let data: string | null = null;
  let to = '';
  const say = (line: string) => socket.write(`${line}\r\n`);
  const command = (line: string) => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'RCPT') to = /<(.*)>/.exec(line)?.[1] ?? '';
    if (verb === 'DATA') data = '';
    if (verb === 'QUIT') return void socket.end('221 bye\r\n');
    if (verb === 'RCPT' && to.startsWith('refused')) return say('550 no such mailbox');
    say(verb === 'DATA' ? '354 go on' : '250 ok');
  };
  const line = (text: string) => {
    if (data === null) return command(text);
    if (text !== '.') return void (data += `${text.replace(/^\.\./, '.')}\r\n`);
    keep(mailOf(to, data));
    data = null;
    say('250 taken');
  };
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\r\n');
    rest = lines.pop() ?? '';
    lines.forEach(line);
  });
  say('220 mailbox of the tests');
}

const listen = (server: Server) => new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

export async function startMailbox(): Promise<Mailbox> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    converse(socket, (mail) => mails.push(mail));
  });
  const http = createHttp((request, answer) => {
    const to = new URL(request.url ?? '/', 'http://mailbox').searchParams.get('to');
    answer.setHeader('content-type', 'application/json').end(JSON.stringify(mails.filter((mail) => mail.to === to)));
  });
  const [smtp, read] = [await listen(server), await listen(http)];
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    http.closeAllConnections();
    await Promise.all([server, http].map((one) => new Promise((resolve) => one.close(resolve))));
  };
  return { smtp: `smtp://127.0.0.1:${smtp}?tls=none`, url: `http://127.0.0.1:${read}`, stop };
}

/** What came for somebody so far. */
export async function mailsFor(to: string, mailbox = process.env['CONSOLE_MAILBOX']): Promise<Mail[]> {
  const answer = await fetch(`${mailbox}/?to=${encodeURIComponent(to)}`);
  return (await answer.json()) as Mail[];
}
