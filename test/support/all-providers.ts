import { Person, TestApp, useApp } from './app';
import { OWN, PROVIDERS_UNDER_TEST } from './providers';

/**
 * A server with all providers under test in front of one upstream, and a user with a key for each: for suites about what is
 * the same for all of them, which don't need a server per provider. To be called where the block is declared.
 * @param options the options of the server.
 */
export function useAllProviders(options: Parameters<typeof useApp>[0] = {}): {
  app: TestApp;
  person: () => Person;
} {
  const app = useApp({ ...options, provider: OWN });
  let person: Person;
  beforeAll(async () => {
    person = await app.signUp();
    for (const { provider } of PROVIDERS_UNDER_TEST)
      if (provider !== OWN) await app.storeKey(person.token, `${provider.key.prefix}0123456789`, provider.id);
  });
  return { app, person: () => person };
}
