import { codeIn } from './invite-code';

/** The code that this page was opened with. It is taken out of the address bar and the history at once. */
export function takeCodeFromAddress(): string | undefined {
  const code = codeIn(location.hash);
  if (code !== undefined) history.replaceState(history.state, '', location.pathname + location.search);
  return code;
}
