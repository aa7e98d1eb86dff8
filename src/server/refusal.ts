import { Provider, ProviderErrors } from '../providers/provider';

/** What the process itself says to a request that no handler gets to see, in the provider's shape. */
export function refusalOf(
  { errors: { contentType, envelope, noRetry } }: Provider,
  status: number,
  message: string,
): Pick<ProviderErrors, 'contentType' | 'noRetry'> & { readonly body: string } {
  return {
    contentType,
    noRetry,
    body: envelope({ status, type: 'api_error', message, requestId: undefined }),
  };
}
