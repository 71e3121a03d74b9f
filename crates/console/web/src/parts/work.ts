// Long work over many things: a few calls at a time, a result for each, and it goes on while other pages are shown.
import { Failed } from '../api.js';
import { t } from '../texts/index.js';

/** How many calls are on their way at the same time. The server lets an account have many more waiting. */
const AT_ONCE = 4;

/** After so many refusals for being busy, a call counts as failed. */
const TRIES = 4;

/** How many results are kept. Failures always are. */
const KEPT = 2000;

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
  /** The first ones, and everything that failed. */
  readonly results: Result[] = [];
  readonly failed: Result[] = [];
  /** How many have a result, and for how many it was done. */
  done = 0;
  good = 0;
  running = false;
  stopped = false;

  constructor(
    readonly title: string,
    /** How many there are. */
    readonly total: number,
    /** Does it: notes results until all have one, or until it is stopped. */
    private readonly drive: (work: Work) => Promise<void>,
    /** The same once more, for those that failed. */
    private readonly renew: (failed: Item[]) => Work,
  ) {
    super();
  }

  /** What stops it at once, where it can be. */
  onStop: () => void = () => undefined;

  /** Called when it has ended, and with the work that tried again what failed. */
  onEnd: (ended: Work) => void = () => undefined;

  stop(): void {
    this.stopped = true;
    this.onStop();
  }

  /** So many have a result that is told at the end. */
  at(done: number): void {
    this.done = done;
    this.dispatchEvent(new Event('progress'));
    tell();
  }

  /** All is over: for so many it was done, of so many. */
  end(good: number, done: number): void {
    this.good = good;
    this.at(done);
  }

  /** These have a result now. */
  note(results: Result[]): void {
    for (const result of results) {
      // What has no id stands for all that were not reached: they have no result yet.
      if (result.id) this.done += 1;
      if (result.error === null) this.good += 1;
      else this.failed.push(result);
      if (result.error !== null || this.results.length < KEPT) this.results.push(result);
    }
    this.dispatchEvent(new Event('progress'));
    tell();
  }

  /** Does all of it. Never throws: what fails is a result. */
  async start(): Promise<void> {
    this.running = true;
    current.add(this);
    tell();
    await this.drive(this);
    this.running = false;
    this.dispatchEvent(new Event('progress'));
    tell();
    this.onEnd(this);
  }

  again(): Work {
    const work = this.renew(this.failed.map(({ id, name }) => ({ id, name })));
    work.onEnd = this.onEnd;
    return work;
  }

  /** It was looked at, so nobody needs to be told of it. */
  forget(): void {
    current.delete(this);
    tell();
  }
}

/** What went wrong, in words. */
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The answer of a call. A server that is busy is asked again when it says. */
async function patiently<T>(work: Work, run: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await run();
    } catch (error) {
      const busy = error instanceof Failed && error.code === 'UNAVAILABLE' && count < TRIES && !work.stopped;
      if (!busy) throw error;
      await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? 1) * 1000));
    }
  }
}

/** Work with a call for each item, a few at a time. */
export function oneByOne(title: string, items: Item[], run: (item: Item) => Promise<unknown>): Work {
  const drive = async (work: Work) => {
    const waiting = [...items];
    const hand = async () => {
      for (let item = waiting.shift(); item; item = waiting.shift()) {
        let error = work.stopped ? t('bulk.stopped') : null;
        if (error === null) await patiently(work, () => run(item as Item)).catch((why: unknown) => (error = wordsOf(why)));
        work.note([{ ...item, error }]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, hand));
  };
  return new Work(title, items.length, drive, (failed) => oneByOne(title, failed, run));
}

/** How many items a call takes: few enough that progress is seen. */
const TOGETHER = 100;

/** Work with a call for many items, which gives a result for each. */
export function together(title: string, items: Item[], run: (items: Item[]) => Promise<Result[]>): Work {
  const drive = async (work: Work) => {
    for (let from = 0; from < items.length; from += TOGETHER) {
      const some = items.slice(from, from + TOGETHER);
      const all = (error: string) => some.map((item) => ({ ...item, error }));
      work.note(work.stopped ? all(t('bulk.stopped')) : await patiently(work, () => run(some)).catch((why: unknown) => all(wordsOf(why))));
    }
  };
  return new Work(title, items.length, drive, (failed) => together(title, failed, run));
}

/** A part of what a query finds: the results, and where the next part begins. */
export interface Part {
  results: Result[];
  next: string | null;
}

/** Work over all that a query finds, without reading before who that is. */
export interface Query {
  title: string;
  /** How many it finds. */
  total: number;
  /** Does the part that begins at a place; `null`: the first. */
  run: (from: string | null) => Promise<Part>;
  /** Does it to these alone. */
  of: (items: Item[]) => Promise<Result[]>;
}

/** Begins at a place, after it was done to those that failed before. A part that fails is tried again from there. */
export function throughAll(query: Query, from: string | null = null, before: Item[] = []): Work {
  const { title, total, run, of } = query;
  let place: string | null = from;
  let isOver = false;
  const drive = async (work: Work) => {
    for (let at = 0; at < before.length; at += TOGETHER) {
      const some = before.slice(at, at + TOGETHER);
      const failed = (why: unknown) => some.map((item) => ({ ...item, error: wordsOf(why) }));
      work.note(work.stopped ? failed(t('bulk.stopped')) : await patiently(work, () => of(some)).catch(failed));
    }
    while (!isOver) {
      try {
        if (work.stopped) throw new Error(t('bulk.stopped'));
        const part = await patiently(work, () => run(place));
        work.note(part.results);
        place = part.next;
        isOver = place === null;
      } catch (error) {
        return work.note([{ id: '', name: t('bulk.rest'), error: wordsOf(error) }]);
      }
    }
  };
  const renew = (failed: Item[]): Work => {
    const known = failed.filter((item) => item.id);
    if (isOver) return together(title, known, of);
    return throughAll({ ...query, total: known.length + Math.max(total - work.done, 0) }, place, known);
  };
  const work: Work = new Work(title, total, drive, renew);
  return work;
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
