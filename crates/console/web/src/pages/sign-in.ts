// Who is not signed in: the first account, signing in and signing up. And signing in again in the middle of the work.
import { forgotPassword } from '@rosterd/client';
import { callOnce, client, Failed } from '../api.js';
import { openDialog } from '../parts/dialog.js';
import type { FieldSpec } from '../parts/field.js';
import { makeForm, type Form } from '../parts/form.js';
import { gate, gateBox } from '../parts/gate.js';
import { fill, h } from '../parts/h.js';
import { newPassword } from '../parts/new-password.js';
import { canForget, serverConfig, signIn, signUp, whoAmI } from '../session.js';
import { t } from '../texts/index.js';

const emailField = (): FieldSpec => ({ name: 'email', label: t('signIn.email'), kind: 'email', required: true, autocomplete: 'username' });

/** The page for strangers. `entered` is called when somebody is signed in. */
export function stranger(entered: () => void): HTMLElement {
  const box = gateBox();
  const config = serverConfig();
  const name = config?.name ?? 'rosterd';
  const back = (text: string) => h('p', null, h('button', { type: 'button', class: 'link', onclick: toSignIn }, text));
  const toSignIn = () => fill(box, signInContent(entered, config?.features.enable_signup ? toSignUp : null, canForget() ? toForgot : null));
  const toSignUp = () => fill(box, accountContent(t('signUp.title'), null, t('signUp.send'), entered), back(t('signUp.toSignIn')));
  const toForgot = (email: string) => {
    fill(box, forgotContent(email), back(t('link.toSignIn')));
    box.querySelector<HTMLElement>('input')?.focus();
  };
  if (config?.onboarding) fill(box, accountContent(t('setup.title', { name }), t('setup.text'), t('setup.send'), entered));
  else toSignIn();
  return gate(box);
}

function signInContent(entered: () => void, toSignUp: (() => void) | null, toForgot: ((email: string) => void) | null): HTMLElement[] {
  const title = h('h1', { tabIndex: -1 }, t('signIn.title'));
  if (serverConfig()?.features.enable_login_form === false) return [title, h('p', { class: 'notice' }, t('signIn.noForm'))];
  const form = makeForm({
    fields: [emailField(), { name: 'password', label: t('signIn.password'), kind: 'password', required: true, autocomplete: 'current-password' }],
    submit: t('signIn.send'),
    send: async (values) => {
      await signIn(String(values['email']), String(values['password']));
      entered();
    },
  });
  const way = (text: string, to: () => void) => h('p', null, h('button', { type: 'button', class: 'link', onclick: to }, text));
  const ways = [toForgot && way(t('forgot.ask'), () => toForgot(String(form.values()['email']))), toSignUp && way(t('signIn.toSignUp'), toSignUp)];
  return [title, form.element, ...ways.filter((one) => one !== null)];
}

/** Asks for a mail with a link. The answer is the same whether there is such an account or not. */
function forgotContent(email: string): HTMLElement[] {
  const place = h('div');
  const form = makeForm({
    fields: [emailField()],
    initial: { email },
    submit: t('forgot.send'),
    send: async (values) => {
      await callOnce(() => forgotPassword({ client, body: { email: String(values['email']) } }));
      const sent = h('p', { class: 'notice good', role: 'status', tabIndex: -1 }, t('forgot.sent', { email: String(values['email']) }));
      fill(place, sent);
      sent.focus();
    },
  });
  fill(place, h('p', { class: 'fine' }, t('forgot.text')), form.element);
  return [h('h1', { tabIndex: -1 }, t('forgot.title')), place];
}

/** A form for an account of one's own: the first one, or another. */
function accountContent(title: string, text: string | null, send: string, entered: () => void): HTMLElement[] {
  const place = h('div');
  const draw = (token: boolean, initial: Record<string, string>) => {
    const form: Form = makeForm({
      draft: 'sign-up',
      fields: [
        { name: 'name', label: t('setup.name'), required: true, maxLength: 255, autocomplete: 'name' },
        emailField(),
        ...newPassword(t('signIn.password'), () => form.values()['password']),
        ...(token ? [{ name: 'token', label: t('setup.token'), hint: t('setup.token.hint'), kind: 'password' as const, required: true, autocomplete: 'off' }] : []),
      ],
      initial,
      submit: send,
      send: async (values) => {
        try {
          await signUp(String(values['name']), String(values['email']), String(values['password']), values['token'] ? String(values['token']) : undefined);
        } catch (error) {
          if (!(error instanceof Failed) || error.code !== 'SETUP_TOKEN_REQUIRED' || token) throw error;
          draw(true, values as Record<string, string>);
          place.querySelector<HTMLInputElement>('input[name=token]')?.focus();
          return;
        }
        entered();
      },
    });
    fill(place, form.element);
  };
  draw(false, {});
  return [h('h1', { tabIndex: -1 }, title), ...(text ? [h('p', { class: 'fine' }, text)] : []), place];
}

let open: Promise<boolean> | null = null;

/** Asks to sign in again, once for all calls that wait; whether the same account is back. */
export function signInAgain(): Promise<boolean> {
  open ??= askAgain().finally(() => (open = null));
  return open;
}

async function askAgain(): Promise<boolean> {
  const before = whoAmI();
  let back = false;
  const form = makeForm({
    fields: [emailField(), { name: 'password', label: t('signIn.password'), kind: 'password', required: true, autocomplete: 'current-password' }],
    initial: { email: before?.email ?? '' },
    submit: t('signIn.send'),
    actions: h('button', { type: 'button', onclick: () => location.reload() }, t('signIn.other')),
    send: async (values) => {
      const after = await signIn(String(values['email']), String(values['password']));
      // Somebody else may not see what the first had on the screen.
      if (after.id !== before?.id || after.role !== before.role) return location.reload();
      back = true;
      dialog.close();
    },
  });
  const dialog = openDialog(t('signIn.again'), h('div', null, h('p', null, t('signIn.again.text')), form.element), { lasting: true });
  form.field('password')?.control.focus();
  await dialog.closed;
  return back;
}
