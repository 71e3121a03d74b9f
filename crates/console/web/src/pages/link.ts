// What a link leads to that somebody got by mail or from an administrator: a first password, a new one, or a confirmed e-mail address.
import { confirmEmail, resetPassword, showLink, type ShownLink } from '@rosterd/client';
import { callOnce, client, Failed } from '../api.js';
import { makeForm, type Form } from '../parts/form.js';
import { gate, gateBox } from '../parts/gate.js';
import { fill, h, type Child } from '../parts/h.js';
import { keptUnder, newPassword } from '../parts/new-password.js';
import { failure, loading } from '../parts/states.js';
import { when } from '../parts/time.js';
import { urlOf } from '../router.js';
import { acceptInvitation, canForget, whoAmI } from '../session.js';
import { t } from '../texts/index.js';

const title = (text: string) => h('h1', { tabIndex: -1 }, text);

/** A plain link, since the pages are not there: it loads the console anew. */
const toConsole = (text: string) => h('p', null, h('a', { href: urlOf('') }, text));
const toSignIn = () => toConsole(t('link.toSignIn'));

/** The page of a link. `entered` is called when somebody is signed in by it. */
export function linkPage(token: string, entered: () => void): HTMLElement {
  const box = gateBox();
  const show = (...content: Child[]) => {
    fill(box, content);
    (box.querySelector<HTMLElement>('input:not(.unseen)') ?? box.querySelector<HTMLElement>('h1'))?.focus();
  };
  const dead = (error: Failed) =>
    show(title(t('link.dead')), failure(error), h('p', null, t(canForget() ? 'link.dead.forgot' : 'link.dead.ask')), toSignIn());
  const read = async () => {
    fill(box, loading());
    try {
      const link = await callOnce(() => showLink({ client, body: { token } }));
      show(contentOf(link, token, show, entered));
    } catch (error) {
      if (error instanceof Failed && error.code === 'INVALID_LINK') dead(error);
      else show(title(t('link.title')), failure(error, () => void read()));
    }
  };
  if (token) void read();
  else show(title(t('link.dead')), h('p', null, t('link.again')), toSignIn());
  // In another language the page is read anew, and needs its token again.
  return gate(box, () => {
    history.replaceState(null, '', `${urlOf('link')}#${token}`);
    location.reload();
  });
}

type Show = (...content: Child[]) => void;

function contentOf(link: ShownLink, token: string, show: Show, entered: () => void): Child {
  switch (link.kind) {
    case 'invite':
      return invitation(link, token, entered);
    case 'reset':
      return reset(link, token, show);
    case 'confirm':
      return confirmation(link, token, show);
  }
}

/** Until when the link is good. */
const end = (link: ShownLink) => h('p', { class: 'fine' }, t('link.ends'), ' ', when(link.expires_at));

function invitation(link: ShownLink, token: string, entered: () => void): Child {
  const form: Form = makeForm({
    fields: [{ name: 'name', label: t('setup.name'), required: true, maxLength: 255, autocomplete: 'name' }, ...newPassword(t('signIn.password'), () => form.values()['password'])],
    initial: { name: link.name },
    submit: t('link.invite.send'),
    send: async (values) => {
      await acceptInvitation(token, String(values['name']), String(values['password']));
      entered();
    },
  });
  form.element.prepend(keptUnder(link.email));
  const other = whoAmI();
  return [
    title(t('link.invite', { name: link.name })),
    h('p', null, t('link.invite.text', { email: link.email })),
    other && h('p', { class: 'notice' }, t('link.invite.other', { name: other.name })),
    form.element,
    end(link),
  ];
}

function reset(link: ShownLink, token: string, show: Show): Child {
  const form: Form = makeForm({
    fields: newPassword(t('account.password.new'), () => form.values()['password']),
    submit: t('account.password.send'),
    send: async (values) => {
      await callOnce(() => resetPassword({ client, body: { token, password: String(values['password']) } }));
      show(title(t('link.reset.done')), h('p', { class: 'notice good', role: 'status' }, t('link.reset.done.text')), toSignIn());
    },
  });
  form.element.prepend(keptUnder(link.email));
  return [title(t('link.reset')), h('p', null, t('link.reset.text', { email: link.email })), form.element, end(link)];
}

/** Asks before it confirms: programs that look at the links of a mail press no button. */
function confirmation(link: ShownLink, token: string, show: Show): Child {
  const form = makeForm({
    fields: [],
    submit: t('link.confirm.send'),
    send: async () => {
      await callOnce(() => confirmEmail({ client, body: { token } }));
      // No session ends: whoever has just signed up goes on with theirs.
      const isIn = whoAmI()?.email === link.email;
      const done = t(isIn ? 'link.confirm.done.in' : 'link.confirm.done.text', { email: link.email });
      show(title(t('link.confirm.done')), h('p', { class: 'notice good', role: 'status' }, done), isIn ? toConsole(t('link.goOn')) : toSignIn());
    },
  });
  return [title(t('link.confirm')), h('p', null, t('link.confirm.text', { email: link.email })), form.element, end(link)];
}
