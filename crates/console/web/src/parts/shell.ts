// What stands around every page: the way to the others, the account, and what is going on.
import { isAdmin, serverConfig, signOut, whoAmI } from '../session.js';
import { base } from '../api.js';
import { currentPath, urlOf } from '../router.js';
import { t, type Key } from '../texts/index.js';
import { avatar } from './avatar.js';
import { fill, h } from './h.js';
import { failure } from './states.js';
import { currentWork, onWork } from './work.js';
import { showWork } from './work-dialog.js';

const LINKS: { path: string; text: Key; icon: string; admin: boolean }[] = [
  { path: 'people', text: 'nav.people', icon: 'people', admin: true },
  { path: 'groups', text: 'nav.groups', icon: 'groups', admin: true },
  { path: 'trail', text: 'nav.trail', icon: 'trail', admin: true },
  { path: 'webhooks', text: 'nav.webhooks', icon: 'webhooks', admin: true },
  { path: 'connections', text: 'nav.connections', icon: 'connections', admin: true },
  { path: 'mail', text: 'nav.mail', icon: 'mail', admin: true },
  { path: 'settings', text: 'nav.settings', icon: 'settings', admin: true },
  { path: 'account', text: 'nav.account', icon: 'account', admin: false },
];

/** The pages that somebody may see. */
export function firstPage(): string {
  return isAdmin() ? 'people' : 'account';
}

/** The frame, and where pages are put. */
export function shell(): { frame: HTMLElement; main: HTMLElement; moved(): void } {
  const me = whoAmI();
  const name = serverConfig()?.name ?? 'rosterd';
  const links = LINKS.filter((link) => !link.admin || isAdmin()).map((link) =>
    h('a', { href: urlOf(link.path), class: `nav-link icon-${link.icon}`, 'data-path': link.path }, t(link.text)),
  );
  const menu = h('button', { type: 'button', class: 'menu quiet', 'aria-expanded': 'false', 'aria-controls': 'side' }, t('app.menu'));
  const side = h(
    'nav',
    { class: 'side', id: 'side', 'aria-label': t('app.nav') },
    h('div', { class: 'side-links' }, links),
    h(
      'div',
      { class: 'side-foot' },
      h('a', { href: `${base}/docs/`, class: 'nav-link icon-docs' }, t('app.docs')),
      me && h('div', { class: 'me' }, avatar(me), h('span', { class: 'me-name', title: me.email }, me.name)),
      h('button', { type: 'button', class: 'quiet', onclick: () => void leave() }, t('app.signOut')),
    ),
  );
  const main = h('main', { id: 'content', tabIndex: -1 });
  const trouble = h('div');
  const leave = async () => {
    try {
      await signOut();
    } catch (error) {
      fill(trouble, failure(error));
    }
  };
  const expand = (open: boolean) => {
    menu.setAttribute('aria-expanded', String(open));
    side.classList.toggle('open', open);
  };
  menu.addEventListener('click', () => expand(menu.getAttribute('aria-expanded') !== 'true'));
  const frame = h(
    'div',
    { class: 'frame' },
    h('a', { href: '#content', class: 'skip' }, t('app.skip')),
    h('header', { class: 'top' }, h('a', { href: urlOf(firstPage()), class: 'brand' }, h('span', { class: 'logo', 'aria-hidden': 'true' }), name), menu),
    side,
    h('div', { class: 'content' }, offlineNotice(), trouble, main),
    workTray(),
  );
  const moved = () => {
    expand(false);
    const first = currentPath().split('/')[0] ?? '';
    for (const link of links) {
      if (link.dataset['path'] === first) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  };
  return { frame, main, moved };
}

/** Tells while there is no network. */
function offlineNotice(): HTMLElement {
  const notice = h('p', { class: 'notice bad', role: 'status', hidden: navigator.onLine }, t('app.offline'));
  addEventListener('offline', () => (notice.hidden = false));
  addEventListener('online', () => (notice.hidden = true));
  return notice;
}

/** Work that goes on while other pages are shown. */
function workTray(): HTMLElement {
  const tray = h('div', { class: 'tray', 'aria-live': 'off' });
  const draw = () => {
    const open = document.querySelector('dialog[open]') !== null;
    fill(tray, open ? null : currentWork().map((work) => h('button', { type: 'button', onclick: () => void showWork(work) }, work.running ? t('bulk.running', { done: work.done, n: work.total }) : t('bulk.done', { good: work.good, n: work.total }))));
  };
  onWork(draw);
  return tray;
}
