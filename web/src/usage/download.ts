import { NO_ANSWER, refusalOf, type ApiError } from '../api/api-error';
import { shareHeaders } from '../api/page-share';
import { shownUserHeaders } from '../api/session-watch';

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Saves a file of the API. It is no plain link: over http the session needs a header (docs/decisions/0022).
 * @returns the error, if there was one.
 */
export async function download(path: string, query: Query): Promise<ApiError | undefined> {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, typeof value === 'string' ? value : value.join(','));
  try {
    const response = await fetch(url, { headers: [...shareHeaders(), ...shownUserHeaders()] });
    if (!response.ok) return refusalOf(response.status, await response.json().catch(() => undefined));
    const named = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    save(await response.blob(), named ?? path.replace(/^.*\//, ''));
    return undefined;
  } catch {
    return NO_ANSWER;
  }
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
