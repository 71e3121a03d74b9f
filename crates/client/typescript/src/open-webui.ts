/**
 * The functions that the newest front end of Open WebUI (0.12) imports from its `apis/users` and `apis/groups`, under the
 * same names and with the same arguments: each resolves to the data, or throws the `detail` of the answer. Those of 0.6 are
 * in `open-webui-0.6`.
 */

import { as, data } from './open-webui-call.js';
import * as api from './generated/index.js';

export {
  configure,
  deleteUserById,
  getAllUsers,
  getAndUpdateUserLocation,
  getUserActiveStatusById,
  getUserDefaultPermissions,
  getUserGroups,
  getUserGroupsById,
  getUserInfo,
  getUserSettings,
  getUsers,
  searchUsers,
  updateUserById,
  updateUserDefaultPermissions,
  updateUserInfo,
  updateUserSettings,
  updateUserStatus,
} from './open-webui-0.6.js';
export type { UserUpdateForm } from './open-webui-0.6.js';

export const getUserDefaultPermissionsDefaults = (token: string) =>
  data(api.getUserDefaultPermissionsDefaults(as(token)));

export const getUserInfoById = (token: string, userId: string) =>
  data(api.getUserInfoById({ ...as(token), path: { id: userId } }));

export const getUserVariables = (token: string) => data(api.getUserVariables(as(token)));

export const updateUserVariables = (token: string, variables: Record<string, string>) =>
  data(api.updateUserVariables({ ...as(token), body: { variables } }));

export const getUserPreview = (token: string, userId: string) =>
  data(api.getUserPreview({ ...as(token), path: { id: userId } }));

/** Which part of the past: days up to the end, or from a second to a second. */
export interface UsagePeriod {
  days?: number;
  startDate?: number;
  endDate?: number;
}

export const getUserUsage = (token: string, { days, startDate, endDate }: UsagePeriod = {}) =>
  data(
    api.getUserUsage({
      ...as(token),
      query: {
        ...(days === undefined ? {} : { days }),
        ...(startDate === undefined ? {} : { start_date: startDate }),
        ...(endDate === undefined ? {} : { end_date: endDate }),
      },
    }),
  );

export const createNewGroup = (token: string, group: api.GroupForm) =>
  data(api.createNewGroup({ ...as(token), body: group }));

export const getGroups = (token = '', share?: boolean) =>
  data(api.getGroups({ ...as(token), query: share === undefined ? {} : { share } }));

export const getGroupById = (token: string, id: string) => data(api.getGroupById({ ...as(token), path: { id } }));

export const getGroupInfoById = (token: string, id: string) =>
  data(api.getGroupInfoById({ ...as(token), path: { id } }));

export const updateGroupById = (token: string, id: string, group: api.GroupForm) =>
  data(api.updateGroupById({ ...as(token), path: { id }, body: group }));

export const deleteGroupById = (token: string, id: string) =>
  data(api.deleteGroupById({ ...as(token), path: { id } }));

export const addUserToGroup = (token: string, id: string, userIds: string[]) =>
  data(api.addUserToGroup({ ...as(token), path: { id }, body: { user_ids: userIds } }));

export const removeUserFromGroup = (token: string, id: string, userIds: string[]) =>
  data(api.removeUserFromGroup({ ...as(token), path: { id }, body: { user_ids: userIds } }));
