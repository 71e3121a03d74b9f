import { createRosterd, createNewGroup, RosterdFailure, unwrap } from '@rosterd/client';

export async function makeGroup(baseUrl: string, token: string, name: string): Promise<string> {
  const client = createRosterd({ baseUrl, token });
  try {
    // `unwrap` gives the data and throws what went wrong.
    const group = await unwrap(createNewGroup({ client, body: { name, description: '' } }));
    return group.id;
  } catch (failure) {
    if (failure instanceof RosterdFailure && failure.code === 'VALIDATION_ERROR') return failure.message;
    throw failure;
  }
}
