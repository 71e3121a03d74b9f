// Rows that are selected: one by one, a range with Shift, or by the keyboard alone.
import type { Item } from './work.js';

/** What is selected in a list that grows. */
export class Selection extends EventTarget {
  private readonly chosen = new Map<string, Item>();
  private anchor = -1;
  /** How many match, where everybody who does is meant, also those who are not shown. */
  private matching: number | null = null;

  get items(): Item[] {
    return [...this.chosen.values()];
  }

  get size(): number {
    return this.matching ?? this.chosen.size;
  }

  /** Whether everybody who matches is meant. */
  get isEverybody(): boolean {
    return this.matching !== null;
  }

  has(id: string): boolean {
    return this.isEverybody || this.chosen.has(id);
  }

  /** Means everybody who matches: so many. */
  everybody(count: number): void {
    this.chosen.clear();
    this.matching = count;
    this.tell();
  }

  /** Selects or leaves out the row at a place; with `range`, all rows from the last one to this. */
  set(rows: Item[], place: number, on: boolean, range: boolean): void {
    // Who takes somebody out of everybody goes on with those who are shown.
    if (this.isEverybody) for (const row of rows) this.chosen.set(row.id, row);
    this.matching = null;
    const from = range && this.anchor >= 0 ? this.anchor : place;
    for (const row of rows.slice(Math.min(from, place), Math.max(from, place) + 1)) {
      if (on) this.chosen.set(row.id, row);
      else this.chosen.delete(row.id);
    }
    this.anchor = place;
    this.tell();
  }

  add(rows: Item[]): void {
    this.matching = null;
    for (const row of rows) this.chosen.set(row.id, row);
    this.tell();
  }

  drop(ids: string[]): void {
    this.matching = null;
    for (const id of ids) this.chosen.delete(id);
    this.tell();
  }

  clear(): void {
    this.matching = null;
    this.chosen.clear();
    this.anchor = -1;
    this.tell();
  }

  private tell(): void {
    this.dispatchEvent(new Event('change'));
  }
}

/** Lets the boxes of a list be reached and set by arrow keys, Shift and the space bar. */
export function keys(list: HTMLElement, boxes: () => HTMLInputElement[], set: (place: number, on: boolean, range: boolean) => void): void {
  list.addEventListener('click', (event) => {
    const place = boxes().indexOf(event.target as HTMLInputElement);
    if (place >= 0) set(place, (event.target as HTMLInputElement).checked, event.shiftKey);
  });
  const onKey = (event: KeyboardEvent) => {
    const all = boxes();
    const place = all.indexOf(event.target as HTMLInputElement);
    if (place < 0) return;
    if (event.key === ' ' && event.shiftKey) {
      // The browser's own click does not tell of Shift.
      event.preventDefault();
      if (event.type === 'keydown') set(place, !all[place]?.checked, true);
      return;
    }
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = all[place + move];
    if (event.type !== 'keydown' || move === 0 || !next) return;
    event.preventDefault();
    next.focus();
    if (event.shiftKey) set(place + move, true, true);
  };
  list.addEventListener('keydown', onKey);
  list.addEventListener('keyup', onKey);
}
