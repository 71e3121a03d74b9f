// The mails that the server sends: which wait, which were sent, and which could not be.
import { listMails, retryMail, testMail, type MailInfo, type MailState } from '@rosterd/client';
import { call, client } from '../api.js';
import { facts, pageTitle } from '../parts/card.js';
import { fill, h } from '../parts/h.js';
import { byState, pagedList, sendAgain } from '../parts/paged.js';
import { empty, failure } from '../parts/states.js';
import { moment, when } from '../parts/time.js';
import { urlOf, type Page } from '../router.js';
import { t, tOr } from '../texts/index.js';

/** How many are read at a time. */
const PAGE = 30;

const STATES = ['waiting', 'sent', 'failed', 'cancelled'] as const satisfies readonly MailState[];

const TAGS: Record<MailState, string> = { waiting: 'tag', sent: 'tag good', failed: 'tag bad', cancelled: 'tag' };

export const mail: Page = (place) => {
  const trouble = h('div');
  const test = h('button', { type: 'button' }, t('mail.test'));
  const send = async () => {
    test.disabled = true;
    fill(trouble, h('p', { class: 'notice', role: 'status' }, t('mail.test.running')));
    try {
      const { sent, recipient, error } = await call(() => testMail({ client }));
      fill(trouble, h('p', { class: sent ? 'notice good' : 'notice bad', role: 'status' }, sent ? t('mail.test.good', { email: recipient }) : t('mail.test.bad', { email: recipient, why: error ?? '' })));
    } catch (error) {
      fill(trouble, failure(error));
    }
    test.disabled = false;
  };
  test.addEventListener('click', () => void send());
  const list = (state: MailState | undefined) =>
    pagedList<MailInfo>(
      {
        label: t('mail.title'),
        read: async (cursor) => {
          const page = await call(() => listMails({ client, query: { limit: PAGE, ...(state ? { state } : {}), ...(cursor ? { cursor } : {}) } }));
          return { items: page.mails, next: page.next_cursor };
        },
        entry,
        none: () => empty(t('mail.none'), t(state ? 'mail.none.state' : 'mail.none.next')),
      },
      place.left,
    );
  const states = { states: STATES, label: t('mail.state'), any: t('mail.any'), nameOf: (state: MailState) => t(`mail.${state}`), draw: list };
  return h(
    'div',
    null,
    pageTitle(t('mail.title'), h('div', { class: 'actions' }, test)),
    h('p', { class: 'fine' }, t('mail.text')),
    trouble,
    h('section', { class: 'card', 'aria-label': t('mail.title') }, byState(states, place.query)),
  );
};

/** Whom a mail is for: a link to the account, where it has one. */
function recipient(one: MailInfo): HTMLElement | string {
  return one.user_id === null ? one.recipient : h('a', { href: urlOf(`people/${encodeURIComponent(one.user_id)}`) }, one.recipient);
}

function entry(one: MailInfo): HTMLElement {
  const item = h('li', { class: 'event' });
  const trouble = h('div');
  const retry = async () => entry(await call(() => retryMail({ client, path: { id: one.id } })));
  const label = t('mail.retryOf', { email: one.recipient, when: moment(one.created_at * 1000) });
  const { state } = one;
  return fill(
    item,
    h('div', { class: 'event-head' }, h('strong', null, tOr('mail.kind', one.kind)), h('span', { class: TAGS[state] }, t(`mail.${state}`)), when(one.sent_at ?? one.created_at)),
    h('p', { class: 'event-line' }, recipient(one), h('span', { class: 'fine' }, ' · ', t('deliveries.tries', { n: one.attempts }), one.next_attempt_at !== null && [` · ${t('deliveries.next')} `, when(one.next_attempt_at)])),
    one.last_error !== null && h('p', { class: 'fine' }, one.last_error),
    trouble,
    h('div', { class: 'delivery-foot' }, details(one), (state === 'waiting' || state === 'failed') && sendAgain(item, trouble, label, retry)),
  );
}

/** Everything that is known of a mail, by its names in the API. */
function details(one: MailInfo): HTMLElement {
  const at = (seconds: number | null) => (seconds === null ? '–' : moment(seconds * 1000));
  return h(
    'details',
    { class: 'more' },
    h('summary', null, t('deliveries.details')),
    facts(
      ['id', h('code', null, one.id)],
      ['language', one.language],
      ['created_at', at(one.created_at)],
      ['next_attempt_at', at(one.next_attempt_at)],
      ['sent_at', at(one.sent_at)],
    ),
  );
}
