// The start of the console: who is there. Strangers sign in; for everybody else the pages are loaded.
import { Failed, prepare } from './api.js';
import { applyTheme } from './parts/look.js';
import { fill, h } from './parts/h.js';
import { failure, loading } from './parts/states.js';
import { signInAgain, stranger } from './pages/sign-in.js';
import { currentPath, urlOf } from './router.js';
import { begin, serverConfig, whoAmI } from './session.js';
import { language, t } from './texts/index.js';

const app = document.getElementById('app') as HTMLElement;
const toasts = h('div', { id: 'toasts', role: 'status' });

/** The path of the page that links in mails lead to. */
const LINK = 'link';

/**
 * The token of a link, `null` on any other page. It stands behind `#`, which no server is told, and leaves the address bar and the
 * browser's history at once.
 */
function takeToken(): string | null {
  if (currentPath() !== LINK) return null;
  const token = location.hash.slice(1);
  history.replaceState(null, '', urlOf(LINK));
  return token;
}

/** Loads the page of a link and shows it, to strangers and to who is signed in. */
async function follow(token: string): Promise<void> {
  const { linkPage } = await import('./pages/link.js');
  document.title = serverConfig()?.name ?? 'rosterd';
  fill(app, linkPage(token, () => void run(true, null)), toasts);
}

/** Loads the pages and shows the one that the URL names. */
async function enter(arrived: boolean): Promise<void> {
  const pages = await import('./app.js');
  pages.enter(app, toasts, arrived);
}

/** Shows what `load` loads. Where that does not come, a newer server may have other files: all begins anew. */
async function loaded(load: () => Promise<void>): Promise<void> {
  try {
    await load();
  } catch (error) {
    const failed = error instanceof TypeError ? new Failed(t('state.offline'), 'OFFLINE', new Map(), null, null) : error;
    fill(app, h('main', { class: 'gate' }, failure(failed, () => location.reload())));
  }
}

/** Asks who is there. `arrived`: somebody has just signed in, and the server tells more now. `token`: that of a link. */
async function run(arrived: boolean, token: string | null): Promise<void> {
  fill(app, loading(), toasts);
  try {
    await begin();
  } catch (error) {
    fill(app, h('main', { class: 'gate' }, failure(error, () => void run(arrived, token))));
    return;
  }
  if (token !== null) return loaded(() => follow(token));
  if (whoAmI()) return loaded(() => enter(arrived));
  document.title = serverConfig()?.name ?? 'rosterd';
  fill(app, stranger(() => void run(true, null)), toasts);
  app.querySelector<HTMLInputElement>('input')?.focus();
}

document.documentElement.lang = language;
prepare(signInAgain, { offline: t('state.offline'), unknown: t('state.unknown') });
applyTheme();
// Another link in the same tab changes only what stands behind `#`.
addEventListener('hashchange', () => currentPath() === LINK && location.hash.length > 1 && location.reload());
void run(false, takeToken());
