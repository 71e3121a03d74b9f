// Long work over many things: a few calls at a time, a result for each, and it goes on while other pages are shown.
import { Failed } from '../api.js';
import { t } from '../texts/index.js';

/** How many calls are on their way at the same time. The server lets an account have many more waiting. */
const AT_ONCE = 4;

/** After so many refusals for being busy, a call counts as failed. */
const TRIES = 4;

export interface Item {
  id: string;
  name: string;
}

export interface Result extends Item {
  /** `null`: done. */
  error: string | null;
}

/** Work that is running or has ended. */
export class Work extends EventTarget {
  readonly results: Result[] = [];
  running = false;
  private stopped = false;

  constructor(
    readonly title: string,
    readonly items: Item[],
    private readonly run: (item: Item) => Promise<unknown>,
  ) {
    super();
  }

  get failed(): Result[] {
    return this.results.filter((result) => result.error !== null);
  }

  stop(): void {
    this.stopped = true;
  }

  /** Does all of it. Never throws: what fails is a result. */
  async start(): Promise<void> {
    this.running = true;
    current.add(this);
    tell();
    const waiting = [...this.items];
    const hand = async () => {
      for (let item = waiting.shift(); item; item = waiting.shift()) {
        this.results.push({ ...item, error: this.stopped ? t('bulk.stopped') : await this.attempt(item) });
        this.dispatchEvent(new Event('progress'));
        tell();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, hand));
    this.running = false;
    this.dispatchEvent(new Event('progress'));
    tell();
  }

  /** What went wrong with one of them, `null` if nothing. A server that is busy is asked again when it says. */
  private async attempt(item: Item): Promise<string | null> {
    for (let count = 1; ; count += 1) {
      try {
        await this.run(item);
        return null;
      } catch (error) {
        const busy = error instanceof Failed && error.code === 'UNAVAILABLE' && count < TRIES && !this.stopped;
        if (!busy) return error instanceof Error ? error.message : String(error);
        await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? 1) * 1000));
      }
    }
  }

  /** The same once more, for those that failed. */
  again(): Work {
    return new Work(this.title, this.failed.map(({ id, name }) => ({ id, name })), this.run);
  }

  /** It was looked at, so nobody needs to be told of it. */
  forget(): void {
    current.delete(this);
    tell();
  }
}

const current = new Set<Work>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

/** Work that is running, or that nobody has looked at since it ended. */
export function currentWork(): Work[] {
  return [...current];
}

/** Calls `listener` whenever work goes on. */
export function onWork(listener: () => void): void {
  listeners.add(listener);
}

// Leaving the page would end it in the middle: the browser asks first.
addEventListener('beforeunload', (event) => {
  if (currentWork().some((work) => work.running)) event.preventDefault();
});
