import { Shell } from './shells';

/** The command by which a shell gets the token when it needs it, so that no token is written to a history or a dotfile. */
export const TOKEN_COMMAND = 'tracevault proxy token';

/** The variable for a token in the files of clients that can name one. */
export const TOKEN_VARIABLE = 'TRACEVAULT_TOKEN';

/** Returns the line by which a shell sets a variable. @param value a text that needs no quoting, such as the server's URL. */
export function setVariable(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case 'bash':
      return `export ${name}=${value}`;
    case 'fish':
      return `set -gx ${name} ${value}`;
    case 'powershell':
      return `$env:${name} = "${value}"`;
  }
}

/** Returns the line by which a shell sets a variable to the token. */
export function setToken(shell: Shell, name = TOKEN_VARIABLE): string {
  switch (shell) {
    case 'bash':
      return `export ${name}="$(${TOKEN_COMMAND})"`;
    case 'fish':
      return `set -gx ${name} (${TOKEN_COMMAND})`;
    case 'powershell':
      return `$env:${name} = (${TOKEN_COMMAND})`;
  }
}
