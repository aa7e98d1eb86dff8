import { deepFreeze } from '../config/deep-freeze';
import { openaiRow } from './openai-dialect';
import { Provider } from './provider';

const ROW = openaiRow({
  id: 'openai',
  name: 'OpenAI',
  origin: 'https://api.openai.com',
  key: {
    called: 'an OpenAI key',
    prefix: 'sk-',
    otherKinds: [
      {
        prefix: 'sk-admin-',
        code: 'admin_key',
        problem:
          'an admin key, which manages an organization and can call no model. Create an API key at https://platform.openai.com/api-keys, and keep the admin key out of here.',
      },
    ],
  },
});

/** The row of OpenAI itself. */
export const OPENAI: Provider = deepFreeze({
  ...ROW,
  wrongBaseUrl: {
    ...ROW.wrongBaseUrl,
    atRoot: [
      ...['/v1/chat', '/v1/responses', '/v1/embeddings', '/v1/images', '/v1/audio', '/v1/realtime'],
      ...['/v1/moderations', '/v1/completions', '/chat/completions', '/responses', '/embeddings'],
    ],
    behindPrefix: ['/v1/v1', '/chat', '/responses', '/models', '/embeddings', '/completions', '/files'],
  },
});
