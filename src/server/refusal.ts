import { Provider, ProviderErrors } from '../providers/provider';

/** Renders the error for a request that reaches no handler, in the provider's error format. */
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
