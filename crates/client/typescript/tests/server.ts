import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const fixtures = join(root, 'crates/testkit/fixtures');

/** Who is who in the recorded roster. */
export const actors = JSON.parse(readFileSync(join(fixtures, 'actors.json'), 'utf8')) as {
  secret: string;
  password: string;
  users: Record<string, string>;
};

/** The id of somebody of the recorded roster. */
export function idOf(name: string): string {
  const id = actors.users[name];
  if (!id) throw new Error(`the roster has no ${name}`);
  return id;
}

/** A session token for somebody of the recorded roster. */
export function tokenOf(name: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ id: idOf(name), jti: `test-${name}`, exp })}`;
  return `${signed}.${createHmac('sha256', actors.secret).update(signed).digest('base64url')}`;
}

export interface Server {
  url: string;
  stop(): Promise<void>;
}

/** The real program on a port of its own, over a copy of a recorded database: that of Open WebUI 0.6.43, unless said. */
export async function startServer(recorded = 'webui.sqlite'): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'rosterd-client-'));
  const database = join(folder, 'webui.sqlite');
  copyFileSync(join(fixtures, recorded), database);
  const program = process.env['ROSTERD_PROGRAM'] ?? join(root, 'target/debug/rosterd');
  const child = spawn(program, [], {
    cwd: folder,
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: `sqlite:///${database}`,
      WEBUI_SECRET_KEY: actors.secret,
      ROSTERD_BCRYPT_COST: '4',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      const clean = () => {
        rmSync(folder, { recursive: true, force: true });
        resolve();
      };
      if (child.exitCode === null) child.once('exit', clean).kill('SIGTERM');
      else clean();
    });
  return { url: await listening(child), stop };
}

/** The address in the program's log. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const url = /listening on (http:\/\/[0-9.:]+)/.exec(log)?.[1];
      if (url) resolve(url);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the server ended; it said:\n${log}`)));
  });
}
