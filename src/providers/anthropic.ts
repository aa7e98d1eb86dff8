import { ANTHROPIC_KEY_PREFIX } from '../config/credential-shapes';
import { deepFreeze } from '../config/deep-freeze';
import { anthropicRow } from './anthropic-dialect';
import { Provider } from './provider';

const CREATE_KEY = 'Create an API key at https://console.anthropic.com/settings/keys';

const ROW = anthropicRow({
  id: 'anthropic',
  name: 'Anthropic',
  origin: 'https://api.anthropic.com',
  key: {
    called: 'an Anthropic key',
    prefix: ANTHROPIC_KEY_PREFIX,
    otherKinds: [
      {
        prefix: `${ANTHROPIC_KEY_PREFIX}admin`,
        code: 'admin_key',
        problem: `an admin key, which manages an organization and can send no messages. ${CREATE_KEY}, and keep the admin key out of here.`,
      },
      {
        prefix: `${ANTHROPIC_KEY_PREFIX}oat`,
        code: 'subscription_token',
        problem: `the token of a Claude subscription, which Anthropic takes from its own apps alone. ${CREATE_KEY}.`,
      },
    ],
  },
});

/** The row of Anthropic itself. */
export const ANTHROPIC: Provider = deepFreeze({
  ...ROW,
  key: { ...ROW.key, endpoint: '/api/v1/me/anthropic-key' },
});
