import {
  getUsers,
  searchUsers,
  type GetUsersData,
  type SearchUsersData,
  type UserGroupIdsModel,
  type UserInfoResponse,
} from './generated/index.js';
import type { Client } from './generated/client/index.js';
import { unwrap } from './errors.js';

/** Entries that are asked for at a time, unless `limit` says otherwise. */
const LIMIT = 100;

/** Everybody whom the query describes, page by page as it is read. For admins. Throws as {@link unwrap} does. */
export async function* everyUser(
  client: Client,
  query: Omit<NonNullable<GetUsersData['query']>, 'page' | 'cursor'> = {},
): AsyncGenerator<UserGroupIdsModel, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await unwrap(getUsers({ client, query: { limit: LIMIT, ...query, ...(cursor ? { cursor } : {}) } }));
    yield* page.users;
    cursor = page.next_cursor;
  } while (cursor);
}

/** The same in the narrow shape, for every verified user. */
export async function* everyFoundUser(
  client: Client,
  query: Omit<NonNullable<SearchUsersData['query']>, 'page' | 'cursor'> = {},
): AsyncGenerator<UserInfoResponse, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await unwrap(searchUsers({ client, query: { limit: LIMIT, ...query, ...(cursor ? { cursor } : {}) } }));
    yield* page.users;
    cursor = page.next_cursor;
  } while (cursor);
}
