// The real program on a port of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = process.env['ROSTERD_PROGRAM'] ?? fileURLToPath(new URL('../../../../target/debug/rosterd', import.meta.url));

export interface Server {
  url: string;
  /** What it has written to its log so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts the program, on a new SQLite file unless a database is named. */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'rosterd-console-'));
  const child = spawn(program, [], {
    cwd: folder,
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: `sqlite:///${join(folder, 'rosterd.sqlite')}`,
      WEBUI_SECRET_KEY: 'a secret of the tests, long enough to be one',
      ROSTERD_BCRYPT_COST: '4',
      ROSTERD_SIGN_IN_PER_EMAIL: '1000',
      ROSTERD_SIGN_IN_PER_ACCOUNT: '1000',
      ROSTERD_SIGN_IN_PER_CLIENT_IP: '1000',
      ROSTERD_WEBHOOK_ALLOW_PRIVATE: 'true',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const stop = () =>
    new Promise<void>((resolve) => {
      const clean = () => {
        rmSync(folder, { recursive: true, force: true });
        resolve();
      };
      if (child.exitCode === null) child.once('exit', clean).kill('SIGTERM');
      else clean();
    });
  return { url: await listening(child, () => log), log: () => log, stop };
}

async function listening(child: ChildProcess, log: () => string): Promise<string> {
  const end = Date.now() + 60_000;
  while (Date.now() < end && child.exitCode === null) {
    const url = /listening on (http:\/\/[0-9.:]+)/.exec(log())?.[1];
    if (url) return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server does not listen; it said:\n${log()}`);
}
