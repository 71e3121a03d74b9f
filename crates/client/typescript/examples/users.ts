import { createRosterd, everyUser, getUserById, getUserSettings, unwrap, updateUserSettings, userSignIn } from '@rosterd/client';

export async function tour(baseUrl: string, email: string, password: string): Promise<string[]> {
  const session = await unwrap(userSignIn({ client: createRosterd({ baseUrl }), body: { email, password } }));

  // A token, or a function that gives one whenever it is needed.
  const client = createRosterd({ baseUrl, token: () => session.token });

  // Errors are values: `error.code` is one of the codes of the API.
  const { data: user, error } = await getUserById({ client, path: { id: session.id } });
  if (error?.code === 'USER_NOT_FOUND') return [];
  console.log(user?.name, user?.is_active ? 'is here' : 'is away');

  // An update that must not overwrite what somebody else has written in the meantime.
  const { response } = await getUserSettings({ client });
  const version = response.headers.get('etag') ?? '*';
  const update = await updateUserSettings({ client, body: { lang: 'de' }, headers: { 'If-Match': version } });
  if (update.error?.code === 'PRECONDITION_FAILED') console.log('read again, then try again');

  // Lists come page by page, or one by one.
  const emails: string[] = [];
  for await (const entry of everyUser(client, { order_by: 'email', direction: 'asc' })) emails.push(entry.email);
  return emails;
}
