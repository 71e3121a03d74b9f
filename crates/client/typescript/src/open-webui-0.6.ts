/**
 * The functions that the front end of Open WebUI 0.6 imports from its `apis/users`, under the same names and with the same
 * arguments: each resolves to the data, or throws the `detail` of the answer. Those of the newest are in `open-webui`.
 */

import { as, data } from './open-webui-call.js';
import * as api from './generated/index.js';

export { configure } from './open-webui-call.js';

export const getUserGroups = (token: string) => data(api.getUserGroups(as(token)));

export const getUserDefaultPermissions = (token: string) => data(api.getUserDefaultPermissions(as(token)));

export const updateUserDefaultPermissions = (token: string, permissions: api.UserPermissionsForm) =>
  data(api.updateUserDefaultPermissions({ ...as(token), body: permissions }));

/** What both lists are asked for: parameters that say nothing are left out. */
function list(query?: string, orderBy?: string, direction?: string, page?: number) {
  return {
    ...(query ? { query } : {}),
    ...(orderBy ? { order_by: orderBy } : {}),
    ...(direction ? { direction } : {}),
    ...(page === undefined ? {} : { page }),
  };
}

export const getUsers = (token: string, query?: string, orderBy?: string, direction?: string, page = 1) =>
  data(api.getUsers({ ...as(token), query: list(query, orderBy, direction, page) }));

export const getAllUsers = (token: string) => data(api.getAllUsers(as(token)));

export const searchUsers = (token: string, query: string, orderBy?: string, direction?: string, page = 1) =>
  data(api.searchUsers({ ...as(token), query: list(query, orderBy, direction, page) }));

export const getUserSettings = (token: string) => data(api.getUserSettings(as(token)));

export const updateUserSettings = (token: string, settings: api.UserSettingsForm) =>
  data(api.updateUserSettings({ ...as(token), body: settings }));

export const updateUserStatus = (token: string, status: api.StatusForm) =>
  data(api.updateUserStatus({ ...as(token), body: status }));

export const getUserById = (token: string, id: string) => data(api.getUserById({ ...as(token), path: { id } }));

export const getUserInfo = (token: string) => data(api.getUserInfo(as(token)));

export const updateUserInfo = (token: string, info: Record<string, unknown>) =>
  data(api.updateUserInfo({ ...as(token), body: info }));

/**
 * Asks the browser where it is and keeps that as `location` of the caller's info. Gives the text that was stored, or
 * `null` where the browser does not say.
 */
export const getAndUpdateUserLocation = async (token: string): Promise<string | null> => {
  const location = await whereabouts();
  if (location === null) return null;
  await updateUserInfo(token, { location });
  return location;
};

function whereabouts(): Promise<string | null> {
  const geolocation = typeof navigator === 'undefined' ? undefined : navigator.geolocation;
  if (!geolocation) return Promise.resolve(null);
  return new Promise((resolve) => {
    geolocation.getCurrentPosition(
      ({ coords }) => resolve(`${coords.latitude.toFixed(3)}, ${coords.longitude.toFixed(3)} (lat, long)`),
      () => resolve(null),
    );
  });
}

export const getUserActiveStatusById = (token: string, id: string) =>
  data(api.getUserActiveStatusById({ ...as(token), path: { id } }));

export const getUserGroupsById = (token: string, id: string) =>
  data(api.getUserGroupsById({ ...as(token), path: { id } }));

/** A user as the admin page sends it. */
export interface UserUpdateForm {
  role: api.Role;
  name: string;
  email: string;
  profile_image_url: string;
  /** Empty: it stays. */
  password: string;
}

export const updateUserById = (token: string, id: string, user: UserUpdateForm) => {
  const { password, ...rest } = user;
  const body = password === '' ? rest : { ...rest, password };
  return data(api.updateUserById({ ...as(token), path: { id }, body }));
};

export const deleteUserById = (token: string, id: string) => data(api.deleteUserById({ ...as(token), path: { id } }));
