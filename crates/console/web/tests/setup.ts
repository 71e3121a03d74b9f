// Before all tests: a server with many people, on the database that is named.
import { startMailbox } from './mailbox.js';
import { startReceiver } from './receiver.js';
import { fill, firstAdmin } from './roster.js';
import { startServer } from './server.js';

/** How many people there are. */
const PEOPLE = Number(process.env['ROSTERD_CONSOLE_PEOPLE'] ?? 10_000);

export default async function setup(): Promise<() => Promise<void>> {
  const database = process.env['ROSTERD_CONSOLE_DATABASE'];
  const mailbox = await startMailbox();
  const mail = { ROSTERD_SMTP_URL: mailbox.smtp, ROSTERD_MAIL_FROM: 'rosterd <rosterd@example.com>' };
  const server = await startServer({ ...mail, ...(database ? { DATABASE_URL: database } : {}) });
  const began = Date.now();
  const api = await firstAdmin(server.url);
  // The port is known only now, so it is the stored URL that links have.
  await api.send('POST', '/auths/admin/config', { ...(await api.send<object>('GET', '/auths/admin/config')), WEBUI_URL: server.url });
  const receiver = await startReceiver();
  // One that takes what it gets, and one that fails: the list of webhooks and their deliveries have something to show.
  await api.webhook(`${receiver.url}/taken`, ['group.created', 'webhook.*'], 'Billing');
  await api.webhook(`${receiver.url}/busy`, ['group.created'], 'Search index');
  await api.connection('Entra ID');
  await fill(api, PEOPLE);
  console.log(`${PEOPLE} people in ${Math.round((Date.now() - began) / 1000)} s`);
  process.env['CONSOLE_URL'] = server.url;
  process.env['CONSOLE_TOKEN'] = api.token;
  process.env['CONSOLE_RECEIVER'] = receiver.url;
  process.env['CONSOLE_MAILBOX'] = mailbox.url;
  return async () => {
    await server.stop();
    await receiver.stop();
    await mailbox.stop();
  };
}
