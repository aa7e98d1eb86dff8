import { BodyName, Endpoint, model } from '../job';

/** Returns the bytes of a POST to /v1/messages, head and body. */
export function messageRequest(endpoint: Endpoint, body: Buffer): Buffer {
  const { host, pathname } = new URL(endpoint.baseUrl);
  const head = [
    `POST ${pathname.replace(/\/$/, '')}/v1/messages HTTP/1.1`,
    `host: ${host}`,
    'accept: application/json',
    'content-type: application/json',
    'anthropic-version: 2023-06-01',
    'user-agent: tracevault-bench',
    ...Object.entries(endpoint.headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

export function messageBody(modelName: string, text: string, stream = false): Buffer {
  const messages = [{ role: 'user', content: text }];
  return Buffer.from(JSON.stringify({ model: modelName, max_tokens: 1024, stream, messages }));
}

export function namedBody(name: BodyName): Buffer {
  return name === 'small' ? messageBody(model.message, 'How far is the moon?') : agentBody();
}

/** Returns a body with the shape and size of Claude Code's: a long system prompt, two dozen tools and a history. */
function agentBody(): Buffer {
  const prose = 'Read the file before you change it, and run its tests when you have. '.repeat(8);
  const tools = Array.from({ length: 24 }, (_, index) => ({
    name: `tool_${index}`,
    description: prose,
    input_schema: {
      type: 'object',
      properties: { path: { type: 'string', description: prose }, limit: { type: 'number' } },
      required: ['path'],
    },
  }));
  const messages = Array.from({ length: 30 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: [{ type: 'text', text: prose }],
  }));
  const system = [{ type: 'text', text: prose.repeat(25), cache_control: { type: 'ephemeral' } }];
  return Buffer.from(JSON.stringify({ model: model.message, max_tokens: 1024, system, tools, messages }));
}
