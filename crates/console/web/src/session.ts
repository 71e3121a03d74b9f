// Who is signed in, and what the server says of itself.
import {
  acceptInvite,
  getBackendConfig,
  getSessionUser,
  userSignIn,
  userSignOut,
  userSignUp,
  type BackendConfig,
  type SessionUser,
} from '@rosterd/client';
import { call, callOnce, client, Failed, leave } from './api.js';
import { dropDrafts } from './parts/draft.js';
import { t } from './texts/index.js';

let me: SessionUser | null = null;
let config: BackendConfig | null = null;

/** The caller's account; `null` before somebody has signed in. */
export function whoAmI(): SessionUser | null {
  return me;
}

export function isAdmin(): boolean {
  return me?.role === 'admin';
}

/** What the server tells everybody. */
export function serverConfig(): BackendConfig | null {
  return config;
}

/** Whether somebody who has forgotten the password can ask for a mail with a link: then the server sends mails, and knows its URL. */
export function canForget(): boolean {
  return config?.password_forgot === true;
}

/**
 * Asks the server what it is and who is there. Only those who are signed in are told of `ui`, so strangers cost one
 * request.
 */
export async function begin(): Promise<void> {
  config = await callOnce(() => getBackendConfig({ client }));
  if (config?.ui) await refresh();
}

/** Reads the own account again. */
export async function refresh(): Promise<SessionUser> {
  me = await callOnce(() => getSessionUser({ client }));
  return me as SessionUser;
}

/** Reads the own account again, in the middle of the work. */
export async function reread(): Promise<SessionUser> {
  me = await call(() => getSessionUser({ client }));
  return me as SessionUser;
}

/** Signs in. The session is a cookie. */
export async function signIn(email: string, password: string): Promise<SessionUser> {
  await callOnce(() => userSignIn({ client, body: { email, password } }));
  return cookieKept();
}

/** Signs up; the first account becomes the administrator. */
export async function signUp(name: string, email: string, password: string, setupToken?: string): Promise<SessionUser> {
  const headers = setupToken ? { 'X-Setup-Token': setupToken } : {};
  await callOnce(() => userSignUp({ client, body: { name, email, password }, headers }));
  return cookieKept();
}

/** Takes an invitation, which signs in, and forgets what was typed by who was signed in before. */
export async function acceptInvitation(token: string, name: string, password: string): Promise<SessionUser> {
  await callOnce(() => acceptInvite({ client, body: { token, name, password } }));
  dropDrafts();
  return cookieKept();
}

/** Whether the browser has kept the cookie: it does not where one for TLS came over plain HTTP. */
async function cookieKept(): Promise<SessionUser> {
  try {
    return await refresh();
  } catch (error) {
    if (error instanceof Failed && error.code === 'NOT_AUTHENTICATED') {
      throw new Failed(t('signIn.noCookie'), error.code, new Map(), error.requestId, null);
    }
    throw error;
  }
}

/** Signs out and forgets what was typed. */
export async function signOut(): Promise<void> {
  const answer = await leave((own) => userSignOut({ client: own }));
  dropDrafts();
  me = null;
  // A deployment may have a place of its own to go to.
  if (answer?.redirect_url) location.assign(answer.redirect_url);
  else location.assign(location.pathname);
}
