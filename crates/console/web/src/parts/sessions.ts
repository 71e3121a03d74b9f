// Open sessions: where and when they began, and how to end them.
import type { OpenSession } from '@rosterd/client';
import { t, tOr } from '../texts/index.js';
import { confirm } from './dialog.js';
import { h, type Child } from './h.js';
import { empty, failure, part, toast } from './states.js';
import { table } from './table.js';
import { when } from './time.js';

export interface SessionCalls {
  list(): Promise<OpenSession[]>;
  end(id: string): Promise<unknown>;
  /** Ends all, or all but the current one. */
  endAll: { label: string; question: string; run(): Promise<unknown> };
  left: AbortSignal;
}

/** A browser and a system, as far as a `User-Agent` tells. */
export function deviceOf(agent: string | null): string {
  if (!agent) return t('sessions.unknownDevice');
  const browser = /(Firefox|Edg|OPR|Chrome|Safari|curl|python-requests|HeadlessChrome)\/?/.exec(agent.replace(/Chrome(?=.*(Edg|OPR)\/)/, ''))?.[1];
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1];
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS', HeadlessChrome: 'Chrome' };
  const parts = [browser, system].filter((name): name is string => name !== undefined).map((name) => names[name] ?? name);
  return parts.length ? parts.join(', ') : agent.slice(0, 60);
}

function cells(session: OpenSession, end: () => void): Child[] {
  const device = deviceOf(session.user_agent);
  return [
    [h('span', { title: session.user_agent ?? '' }, device), ' ', session.current && h('span', { class: 'tag good' }, t('sessions.current')), h('div', { class: 'fine' }, tOr('sessions.method', session.method))],
    session.client_ip ?? '–',
    when(session.created_at),
    when(session.last_seen_at),
    session.expires_at === null ? t('sessions.noEnd') : when(session.expires_at),
    h('button', { type: 'button', class: 'small', 'aria-label': t('sessions.endOf', { what: device }), onclick: end }, t('sessions.end')),
  ];
}

/** The list of somebody's sessions, which reads itself again after each change. */
export function sessionList(calls: SessionCalls): HTMLElement {
  const place = h('div');
  const trouble = h('div');
  const draw = () => place.replaceChildren(part(content, calls.left));
  const change = async (run: () => Promise<unknown>) => {
    trouble.replaceChildren();
    try {
      await run();
      toast(t('sessions.ended'));
      draw();
    } catch (error) {
      trouble.replaceChildren(failure(error));
    }
  };
  const content = async (): Promise<Child> => {
    const sessions = await calls.list();
    if (sessions.length === 0) return empty(t('sessions.none'), t('sessions.none.next'));
    const head = ['sessions.device', 'sessions.ip', 'sessions.began', 'sessions.seen', 'sessions.ends'] as const;
    const all = async () => {
      if (await confirm(calls.endAll.label, h('p', null, calls.endAll.question), calls.endAll.label)) await change(calls.endAll.run);
    };
    return [
      table(t('sessions.table'), head.map((key) => t(key)), sessions.map((session) => cells(session, () => void change(() => calls.end(session.id))))),
      h('div', { class: 'actions start' }, h('button', { type: 'button', onclick: () => void all() }, calls.endAll.label)),
    ];
  };
  draw();
  return h('div', null, trouble, place);
}
