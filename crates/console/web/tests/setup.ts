// Before all tests: a server with many people, on the database that is named.
import { startReceiver } from './receiver.js';
import { fill, firstAdmin } from './roster.js';
import { startServer } from './server.js';

/** How many people there are. */
const PEOPLE = Number(process.env['ROSTERD_CONSOLE_PEOPLE'] ?? 10_000);

export default async function setup(): Promise<() => Promise<void>> {
  const database = process.env['ROSTERD_CONSOLE_DATABASE'];
  const server = await startServer(database ? { DATABASE_URL: database } : {});
  const began = Date.now();
  const api = await firstAdmin(server.url);
  const receiver = await startReceiver();
  // One that takes what it gets, and one that fails: the list of webhooks and their deliveries have something to show.
  await api.webhook(`${receiver.url}/taken`, ['group.created', 'webhook.*'], 'Billing');
  await api.webhook(`${receiver.url}/busy`, ['group.created'], 'Search index');
  await fill(api, PEOPLE);
  console.log(`${PEOPLE} people in ${Math.round((Date.now() - began) / 1000)} s`);
  process.env['CONSOLE_URL'] = server.url;
  process.env['CONSOLE_TOKEN'] = api.token;
  process.env['CONSOLE_RECEIVER'] = receiver.url;
  return async () => {
    await server.stop();
    await receiver.stop();
  };
}
