import { clientName } from './client-name';

describe('the name of a client', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
      'Safari on macOS',
    ],
    [
      'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile/15E148 Safari/604.1',
      'Chrome on iOS',
    ],
    ['Mozilla/5.0 Firefox/140.0', 'Firefox'],
    ['Mozilla/4.0 (something old)', 'Mozilla/4.0 (something old)'],
    ['claude-cli/2.1.330 (external, cli)', 'Claude Code 2.1.330'],
    ['codex_cli_rs/0.98.0 (Ubuntu 24.4.0; x86_64) xterm-256color', 'Codex 0.98.0'],
    ['codex_exec/0.98.0 (Debian 13; x86_64) dumb (codex_exec; 0.98.0)', 'Codex 0.98.0'],
    ['GeminiCLI/0.21.1/gemini-2.5-pro (linux; x64)', 'Gemini CLI 0.21.1'],
    ['opencode/1.0.150', 'opencode 1.0.150'],
    ['Anthropic/Python 0.75.0', 'Anthropic SDK for Python 0.75.0'],
    ['Anthropic/JS 1.12.0', 'Anthropic SDK for JavaScript 1.12.0'],
    ['AsyncOpenAI/Python 2.9.0', 'OpenAI SDK for Python 2.9.0'],
    ['claude-cli', 'claude-cli'],
    ['my-claude-cli/1.0', 'my-claude-cli/1.0'],
    ['curl/8.5.0', 'curl/8.5.0'],
    ['tracevault on ada-laptop', 'tracevault on ada-laptop'],
    [null, 'A client that did not say what it is'],
  ])('%s is %s', (userAgent, name) => {
    expect(clientName(userAgent)).toBe(name);
  });
});
