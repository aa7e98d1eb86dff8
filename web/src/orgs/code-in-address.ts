import { codeIn } from './invite-code';

/** Returns the invite code in the page's URL, and removes it from the address bar and the history. */
export function takeCodeFromAddress(): string | undefined {
  const code = codeIn(location.hash);
  if (code !== undefined) history.replaceState(history.state, '', location.pathname + location.search);
  return code;
}
