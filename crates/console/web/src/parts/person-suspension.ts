// Suspending somebody for a while, and letting them in again.
import { resumeUserById, suspendUserById, type Suspension } from '@rosterd/client';
import { call, client } from '../api.js';
import { t, tOr } from '../texts/index.js';
import { openDialog } from './dialog.js';
import type { FieldSpec } from './field.js';
import { makeForm, type Values } from './form.js';
import { fill, h, type Child } from './h.js';
import { failure, toast } from './states.js';
import { moment, when } from './time.js';

/** Why and until when, as somebody types it. */
export interface Terms {
  reason: string | null;
  /** Seconds since 1970; `null`: until somebody ends it. */
  until: number | null;
}

export const REASON = 1000;

/** The seconds of a day and time as the browser's field gives it, in the time zone of the browser; `null`: none, or not whole. */
function secondsOf(text: string): number | null {
  const milliseconds = new Date(text).getTime();
  return text === '' || Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}

/** The same the other way. */
function localOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

const fields = (): FieldSpec[] => [
  { name: 'reason', label: t('suspend.reason'), kind: 'textarea', hint: t('suspend.reason.hint'), maxLength: REASON },
  {
    name: 'until',
    label: t('suspend.until'),
    kind: 'datetime-local',
    hint: t('suspend.until.hint'),
    check: (value) => (value !== '' && (secondsOf(value) ?? 0) * 1000 <= Date.now() ? t('suspend.until.past') : null),
  },
];

const termsOf = (values: Values): Terms => ({ reason: String(values['reason']).trim() || null, until: secondsOf(String(values['until'])) });

/** Asks why and until when, and does it. What `act` throws is shown, and the dialog stays; what it gives is done when that is closed. */
export function askTerms(title: string, text: string, known: Terms | null, act: (terms: Terms) => Promise<(() => void) | undefined>): void {
  const form = makeForm({
    fields: fields(),
    initial: { reason: known?.reason ?? '', until: known?.until ? localOf(known.until) : '' },
    submit: known ? t('form.save') : t('suspend.send'),
    send: async (values) => {
      const next = await act(termsOf(values));
      dialog.close();
      next?.();
    },
  });
  const dialog = openDialog(title, h('div', null, h('p', { class: 'prose fine' }, text), form.element));
}

/** What is said of somebody who is suspended, and how to end it. */
export function suspensionNotice(person: { id: string; name: string; suspension?: Suspension | null }, again: () => void): Child {
  const { suspension, id, name } = person;
  if (!suspension) return null;
  const trouble = h('div');
  const resume = h('button', { type: 'button', onclick: () => void end() }, t('suspend.resume'));
  const end = async () => {
    resume.disabled = true;
    try {
      await call(() => resumeUserById({ client, path: { id } }));
      toast(t('suspend.resumed', { name }));
      again();
    } catch (error) {
      resume.disabled = false;
      fill(trouble, failure(error));
    }
  };
  return h(
    'section',
    { class: 'card warned', 'aria-label': t('suspend.suspended') },
    h('p', null, h('strong', null, t('suspend.suspended')), ' ', when(suspension.since), '. ', suspension.until === null ? t('suspend.noEnd') : t('suspend.ends', { when: moment(suspension.until * 1000) })),
    suspension.reason && h('p', { class: 'reason' }, t('suspend.reason'), ': ', suspension.reason),
    h('p', { class: 'fine' }, t('suspend.comesBack', { role: tOr('role', suspension.role) })),
    trouble,
    h('div', { class: 'actions start' }, resume, h('button', { type: 'button', onclick: () => suspendOne(person, again) }, t('suspend.change'))),
  );
}

/** Asks for the terms of somebody's suspension. */
export function suspendOne({ id, name, suspension }: { id: string; name: string; suspension?: Suspension | null }, again: () => void): void {
  askTerms(suspension ? t('suspend.change') : t('suspend.title', { name }), t('suspend.text'), suspension ?? null, async (terms) => {
    await call(() => suspendUserById({ client, path: { id }, body: terms }));
    toast(suspension ? t('form.saved') : t('suspend.done', { name }));
    return again;
  });
}
