interface Meaning {
  /** The HTTP status of every error with this code. */
  readonly status: number;
  /** A sentence for the API's document. The message of an error says more and may change; the code does not. */
  readonly meaning: string;
}

/** The codes of the API's errors, by which clients decide what to do (docs/decisions/0028-error-codes.md). */
export const ERROR_CODES = {
  // A field of the body, the query or the path is invalid.
  required: { status: 400, meaning: 'A value has to be given.' },
  invalid_type: { status: 400, meaning: 'The value is of another type.' },
  too_short: { status: 400, meaning: 'The value has too few characters.' },
  too_long: { status: 400, meaning: 'The value has too many characters.' },
  too_small: { status: 400, meaning: 'The number is below the minimum.' },
  too_large: { status: 400, meaning: 'The number is above the maximum.' },
  too_many: { status: 400, meaning: 'The list has too many values.' },
  duplicate: { status: 400, meaning: 'The list has a value twice.' },
  not_allowed: { status: 400, meaning: 'The value is none of those that are allowed.' },
  unknown_field: { status: 400, meaning: 'The endpoint has no such field.' },
  conflicting_field: { status: 400, meaning: 'The field can’t be given together with another one.' },
  invalid_id: { status: 400, meaning: 'The value is not an id.' },
  invalid_email: { status: 400, meaning: 'The value is not an email.' },
  invalid_characters: { status: 400, meaning: 'The value has characters that it must not have.' },
  blank: { status: 400, meaning: 'The value has no character that can be seen.' },
  no_letter_or_digit: { status: 400, meaning: 'The name has no letter a to z and no digit.' },
  common_password: { status: 400, meaning: 'The password is one of the most common ones.' },
  invalid_key: { status: 400, meaning: 'The value is not an API key of the provider.' },
  other_providers_key: { status: 400, meaning: 'The value looks like the API key of another provider.' },
  admin_key: { status: 400, meaning: 'The key is an admin key, which can’t send messages.' },
  subscription_token: { status: 400, meaning: 'The value is the token of a Claude subscription.' },
  invalid_date: { status: 400, meaning: 'The value is not a day of the calendar in the form 2026-11-28.' },
  invalid_period: { status: 400, meaning: 'The period ends before it begins, or is too long.' },
  invalid_time_zone: { status: 400, meaning: 'The value names no time zone.' },
  invalid_cursor: { status: 400, meaning: 'The value is not the cursor of a page of this list.' },
  invalid_amount: { status: 400, meaning: 'The value is not an amount of US dollars in a text, as "25.00".' },
  invalid_rate: { status: 400, meaning: 'The value is not a number of requests or tokens a minute.' },
  invalid_pattern: { status: 400, meaning: 'The value is not a list of models or of patterns of models.' },
  invalid_time: { status: 400, meaning: 'The value is not a time to come in the form 2026-12-24T18:00:00Z.' },
  unknown_subject: { status: 400, meaning: 'The organization has no such member or proxy token.' },
  unknown_model: { status: 400, meaning: 'The pattern matches no model that has a price or has been seen.' },
  unknown_event: { status: 400, meaning: 'You have no event with this id in the audit trail any more.' },

  // The request can't be parsed.
  bad_request: { status: 400, meaning: 'The request can’t be understood.' },
  invalid_body: {
    status: 400,
    meaning: 'The body is not valid JSON, or not of the kind that is described here.',
  },
  invalid_query: { status: 400, meaning: 'The query is not of the kind that is described here.' },
  multiple_hosts: { status: 400, meaning: 'The request has more than one Host header.' },
  request_timeout: { status: 408, meaning: 'The body did not arrive in time.' },
  body_too_large: { status: 413, meaning: 'The body is larger than 64 KB.' },
  unsupported_media_type: {
    status: 415,
    meaning: 'The body is not plain UTF-8 JSON, or not declared as it; a form, where the endpoint takes one.',
  },
  unknown_host: { status: 421, meaning: 'The server does not go by the name in the Host header.' },
  too_many_headers: { status: 431, meaning: 'The request has too many headers.' },

  // The caller is not authenticated.
  missing_token: { status: 401, meaning: 'The request carries no session token.' },
  malformed_bearer: { status: 401, meaning: 'The Authorization header is not `Bearer` and a token.' },
  missing_page_share: { status: 401, meaning: 'The session cookie came without the page’s share of it.' },
  invalid_token: {
    status: 401,
    meaning: 'The session token is unknown, or its session was revoked or has expired.',
  },
  session_revoked: { status: 401, meaning: 'The session was revoked while the request was under way.' },
  other_user_signed_in: {
    status: 401,
    meaning: 'The page shows another person than the one who is signed in.',
  },
  account_deleted: { status: 401, meaning: 'The account was deleted.' },
  wrong_credentials: { status: 401, meaning: 'The email or the password is wrong.' },

  // The caller is not authorized.
  wrong_password: { status: 403, meaning: 'The current password is wrong.' },
  account_deactivated: { status: 403, meaning: 'The account was deactivated.' },
  org_api_key_refused: { status: 403, meaning: 'An organization’s API key can’t do this.' },
  proxy_token_refused: { status: 403, meaning: 'A proxy token can call the proxy and nothing else.' },
  cross_origin: { status: 403, meaning: 'The session cookie came from a page of another site.' },
  insufficient_role: { status: 403, meaning: 'Your role in the organization does not allow this.' },
  member_of_other_org: {
    status: 403,
    meaning: 'The person is in another organization as well, in which you have no say over them.',
  },
  registration_closed: { status: 403, meaning: 'The server takes no new people.' },
  invite_required: { status: 403, meaning: 'The server takes new people by invite.' },
  invalid_invite: { status: 403, meaning: 'The invite is unknown, used, withdrawn or expired.' },
  invite_for_other_email: { status: 403, meaning: 'The invite is for another email.' },

  // The resource does not exist.
  not_found: { status: 404, meaning: 'There is no such endpoint.' },
  call_not_found: { status: 404, meaning: 'There is no such call, or it is not yours to see.' },
  trace_not_found: { status: 404, meaning: 'There is no such trace, or it is not yours to see.' },
  content_not_kept: { status: 404, meaning: 'Nothing of the body is kept: nobody had turned that on.' },
  content_deleted: { status: 404, meaning: 'The body was kept, and has been deleted.' },
  content_dropped: { status: 404, meaning: 'The body is not kept: there was no room for it in time.' },
  content_too_large: { status: 404, meaning: 'The body is not kept: it has more than 32 MiB.' },
  org_not_found: { status: 404, meaning: 'You are in no organization of this name.' },
  provider_not_found: { status: 404, meaning: 'The server has no such provider.' },
  member_not_found: { status: 404, meaning: 'The organization has no such member.' },
  invite_not_found: { status: 404, meaning: 'The organization has no such invite.' },
  limit_not_found: { status: 404, meaning: 'The organization has no such limit.' },
  api_key_not_found: { status: 404, meaning: 'The organization has no such API key.' },
  session_not_found: { status: 404, meaning: 'You have no such session.' },
  proxy_token_not_found: { status: 404, meaning: 'You have no such proxy token.' },
  device_login_not_found: { status: 404, meaning: 'No login waits under this code.' },

  // The request conflicts with the current state.
  email_taken: { status: 409, meaning: 'An account with this email exists already.' },
  org_name_taken: { status: 409, meaning: 'The organization name is taken.' },
  already_member: { status: 409, meaning: 'You are in the organization already.' },
  last_owner: { status: 409, meaning: 'You are the last owner of an organization that others are in.' },
  only_account: { status: 409, meaning: 'Yours is the only account of the server.' },
  own_membership: { status: 409, meaning: 'You can’t do this to yourself.' },
  too_many_invites: { status: 409, meaning: 'The organization has as many open invites as it can have.' },
  too_many_api_keys: { status: 409, meaning: 'The organization has as many API keys as it can have.' },
  limit_exists: { status: 409, meaning: 'There is such a limit already.' },
  too_many_limits: { status: 409, meaning: 'The organization has as many limits as it can have.' },
  too_many_proxy_tokens: { status: 409, meaning: 'You have as many proxy tokens as you can have.' },

  // The provider did not confirm the key.
  key_refused: { status: 422, meaning: 'The provider refused the key.' },
  provider_error: {
    status: 502,
    meaning: 'The provider answered with an error that says nothing of the key.',
  },
  provider_unreachable: { status: 502, meaning: 'The provider could not be reached.' },
  provider_timeout: { status: 504, meaning: 'The provider did not answer in time.' },

  content_damaged: {
    status: 500,
    meaning: 'The body is damaged where it is stored. The rest of the trace still opens.',
  },

  // The request may be retried later.
  content_unavailable: {
    status: 503,
    meaning: 'The store of what is kept can’t be reached at present, or refuses the server.',
  },
  rate_limited: {
    status: 429,
    meaning: 'Too many attempts. Wait for the seconds in the Retry-After header.',
  },
  internal_error: {
    status: 500,
    meaning: 'Something went wrong on the server. Its log has the cause under the request id in the message.',
  },
  server_busy: {
    status: 503,
    meaning: 'Too many passwords are being checked. Wait for the seconds in the Retry-After header.',
  },
  database_unavailable: {
    status: 503,
    meaning: 'All connections to the database are in use. Wait for the seconds in the Retry-After header.',
  },
} as const satisfies Record<string, Meaning>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Returns the code for an error that has none, such as one of the router. */
export function codeByStatus(status: number): ErrorCode {
  if (status === 404) return 'not_found';
  return status < 500 ? 'bad_request' : 'internal_error';
}
