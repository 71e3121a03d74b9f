// A receiver of webhooks. What it answers stands in the path.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Statuses by path; any other path takes what it gets. */
const STATUSES: Record<string, number> = { '/busy': 503, '/gone': 410 };

export interface Receiver {
  url: string;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, answer) => {
    request.resume();
    request.on('end', () => answer.writeHead(STATUSES[request.url ?? ''] ?? 204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${port}`, stop };
}
