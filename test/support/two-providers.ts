import { ANTHROPIC } from '../../src/providers/anthropic';
import { TestApp, useApp } from './app';
import { FakeAnthropic } from './fake-anthropic';
import { ACME } from './made-up-provider';

/** A server with Anthropic and a made-up provider, each with a fake upstream of its own. */
export function useTwoProviders(env: NodeJS.ProcessEnv = {}): { app: TestApp; acme: () => FakeAnthropic } {
  let acme: FakeAnthropic;
  beforeAll(async () => {
    acme = await FakeAnthropic.start();
  });
  const app = useApp({
    env,
    providers: [ANTHROPIC, ACME],
    adjust: (config) => ({
      ...config,
      upstream: { ...config.upstream, baseUrls: { ...config.upstream.baseUrls, acme: acme.url } },
    }),
  });
  afterAll(() => acme.close());
  return { app, acme: () => acme };
}
