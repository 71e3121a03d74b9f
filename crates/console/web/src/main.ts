// The start of the console: who is there. Strangers sign in; for everybody else the pages are loaded.
import { Failed, prepare } from './api.js';
import { applyTheme } from './parts/look.js';
import { fill, h } from './parts/h.js';
import { failure, loading } from './parts/states.js';
import { signInAgain, stranger } from './pages/sign-in.js';
import { begin, serverConfig, whoAmI } from './session.js';
import { language, t } from './texts/index.js';

const app = document.getElementById('app') as HTMLElement;
const toasts = h('div', { id: 'toasts', role: 'status' });

/** Loads the pages and shows the one that the URL names. Where they do not come, a newer server may have others: all begins anew. */
async function enter(arrived: boolean): Promise<void> {
  try {
    const pages = await import('./app.js');
    pages.enter(app, toasts, arrived);
  } catch (error) {
    const failed = error instanceof TypeError ? new Failed(t('state.offline'), 'OFFLINE', new Map(), null, null) : error;
    fill(app, h('main', { class: 'gate' }, failure(failed, () => location.reload())));
  }
}

/** Asks who is there. `arrived`: somebody has just signed in, and the server tells more now. */
async function run(arrived: boolean): Promise<void> {
  fill(app, loading(), toasts);
  try {
    await begin();
  } catch (error) {
    fill(app, h('main', { class: 'gate' }, failure(error, () => void run(arrived))));
    return;
  }
  if (whoAmI()) return enter(arrived);
  document.title = serverConfig()?.name ?? 'rosterd';
  fill(app, stranger(() => void run(true)), toasts);
  app.querySelector<HTMLInputElement>('input')?.focus();
}

document.documentElement.lang = language;
prepare(signInAgain, { offline: t('state.offline'), unknown: t('state.unknown') });
applyTheme();
void run(false);
