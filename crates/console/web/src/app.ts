// The pages: what somebody sees who is signed in. Strangers do not load them.
import { fill, h } from './parts/h.js';
import { firstPage, shell } from './parts/shell.js';
import { empty } from './parts/states.js';
import { account } from './pages/account.js';
import { connection } from './pages/connection.js';
import { connections } from './pages/connections.js';
import { deleted } from './pages/deleted.js';
import { groups } from './pages/groups.js';
import { importPeople } from './pages/import.js';
import { mail } from './pages/mail.js';
import { people } from './pages/people.js';
import { person } from './pages/person.js';
import { settings } from './pages/settings.js';
import { trail } from './pages/trail.js';
import { webhook } from './pages/webhook.js';
import { webhooks } from './pages/webhooks.js';
import { currentPath, replace, start, urlOf, type Page, type Route } from './router.js';
import { isAdmin, serverConfig } from './session.js';
import { t } from './texts/index.js';

const forAdmins = (page: Page): Page => (place) =>
  isAdmin() ? page(place) : h('div', null, h('h1', { tabIndex: -1 }, t('app.forAdmins')), empty(null, t('app.forAdmins.next'), home()));

const ROUTES: Route[] = [
  { path: 'people', page: forAdmins(people) },
  { path: 'people/deleted', page: forAdmins(deleted) },
  { path: 'people/:id', page: forAdmins(person) },
  { path: 'import', page: forAdmins(importPeople) },
  { path: 'groups', page: forAdmins(groups) },
  { path: 'groups/:id', page: forAdmins(groups) },
  { path: 'trail', page: forAdmins(trail) },
  { path: 'webhooks', page: forAdmins(webhooks) },
  { path: 'webhooks/:id', page: forAdmins(webhook) },
  { path: 'connections', page: forAdmins(connections) },
  { path: 'connections/:id', page: forAdmins(connection) },
  { path: 'mail', page: forAdmins(mail) },
  { path: 'settings', page: forAdmins(settings) },
  { path: 'account', page: account },
];

const home = () => h('a', { href: urlOf(firstPage()), class: 'button' }, t('app.home'));

const notFound: Page = () => h('div', null, h('h1', { tabIndex: -1 }, t('app.notFound')), empty(null, t('app.notFound.next'), home()));

/** Shows the frame and the page that the URL names; who has just signed in and comes from no page gets the first one. */
export function enter(app: HTMLElement, toasts: HTMLElement, arrived: boolean): void {
  const { frame, main, moved } = shell();
  fill(app, frame, toasts);
  if (currentPath() === '') history.replaceState(null, '', urlOf(firstPage()));
  let first = true;
  start(ROUTES, (route, place) => {
    document.querySelectorAll('dialog[open]').forEach((dialog) => (dialog as HTMLDialogElement).close());
    const page = (route?.page ?? notFound)(place);
    fill(main, page);
    moved();
    titleOf(page);
    // After the first page the focus goes to the title of the new one, so that it is read out.
    if (!first) focusTitle(main);
    first = false;
  });
  if (arrived && !ROUTES.some((route) => route.path === currentPath().split('/')[0])) replace(firstPage());
}

function titleOf(page: HTMLElement): void {
  const set = () => {
    const title = page.querySelector('h1')?.textContent;
    document.title = [title, serverConfig()?.name ?? 'rosterd'].filter(Boolean).join(' – ');
    return Boolean(title);
  };
  if (set()) return;
  // The title comes with what is loaded.
  const watch = new MutationObserver(() => set() && watch.disconnect());
  watch.observe(page, { childList: true, subtree: true });
}

function focusTitle(main: HTMLElement): void {
  scrollTo(0, 0);
  (main.querySelector<HTMLElement>('h1') ?? main).focus({ preventScroll: true });
}
