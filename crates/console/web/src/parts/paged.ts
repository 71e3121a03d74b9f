// Lists that the API gives page by page, and a filter of them by state.
import { keepInUrl } from '../router.js';
import { t } from '../texts/index.js';
import { fill, h, type Child } from './h.js';
import { failure, part, toast } from './states.js';

export interface Paged<T> {
  /** What the list is called. */
  label: string;
  read(cursor: string | undefined): Promise<{ items: T[]; next: string | undefined }>;
  entry(item: T): HTMLElement;
  /** What is shown where there is nothing. */
  none(): Child;
}

/** The first page, and a button that adds the next one. The focus goes to the first of what was added. */
export function pagedList<T>(spec: Paged<T>, left: AbortSignal): HTMLElement {
  return part(async () => {
    const first = await spec.read(undefined);
    if (first.items.length === 0) return spec.none();
    const list = h('ol', { class: 'events', 'aria-label': spec.label }, first.items.map(spec.entry));
    const foot = h('div');
    const offer = (cursor: string | undefined) => {
      if (!cursor) return fill(foot);
      const button = h('button', { type: 'button' }, t('events.more'));
      button.addEventListener('click', () => void more(cursor, button));
      return fill(foot, button);
    };
    const more = async (cursor: string, button: HTMLButtonElement) => {
      button.disabled = true;
      try {
        const page = await spec.read(cursor);
        const entries = page.items.map(spec.entry);
        list.append(...entries);
        entries[0]?.querySelector<HTMLElement>('summary, button')?.focus();
        offer(page.next);
      } catch (error) {
        fill(foot, failure(error, () => void more(cursor, button)));
      }
    };
    offer(first.next);
    return [list, foot];
  }, left);
}

export interface States<S extends string> {
  states: readonly S[];
  label: string;
  /** What stands for all states. */
  any: string;
  nameOf(state: S): string;
  /** What is shown of a state; of all without one. */
  draw(state: S | undefined): HTMLElement;
}

/** A choice of a state, which is kept in the URL, and what there is of it, which can be read again. */
export function byState<S extends string>(spec: States<S>, query: URLSearchParams, ...more: Child[]): HTMLElement {
  const find = (name: string | null) => spec.states.find((known) => known === name);
  let state = find(query.get('state'));
  const place = h('div');
  const choice = h(
    'select',
    null,
    h('option', { value: '' }, spec.any),
    spec.states.map((known) => h('option', { value: known, selected: known === state }, spec.nameOf(known))),
  );
  const draw = () => fill(place, spec.draw(state));
  choice.addEventListener('change', () => {
    state = find(choice.value);
    keepInUrl(new URLSearchParams(state ? { state } : {}));
    draw();
  });
  draw();
  const again = h('button', { type: 'button', onclick: draw }, t('list.refresh'));
  return h('div', null, h('div', { class: 'bar' }, h('label', { class: 'inline' }, spec.label, choice), again, more), place);
}

/** A button that sends again what an entry tells of, and puts the entry as it is then in its place. `label` is for who cannot see where it stands. */
export function sendAgain(item: HTMLElement, trouble: HTMLElement, label: string, run: () => Promise<HTMLElement>): HTMLElement {
  const button = h('button', { type: 'button', class: 'small', 'aria-label': label }, t('deliveries.retry'));
  const retry = async () => {
    button.disabled = true;
    try {
      const fresh = await run();
      toast(t('deliveries.retried'));
      item.replaceWith(fresh);
      fresh.querySelector<HTMLElement>('button, summary')?.focus();
    } catch (error) {
      button.disabled = false;
      fill(trouble, failure(error));
    }
  };
  button.addEventListener('click', () => void retry());
  return button;
}
