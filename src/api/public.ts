import { SetMetadata } from '@nestjs/common';

export const PUBLIC_METADATA = 'tracevault:public';

/**
 * Opts a handler or controller out of the API's guard. Without it every endpoint requires a signed-in user, so that a
 * forgotten decorator denies access and never grants it. The proxy opts out as well, because it has a guard of its own.
 */
export const Public = () => SetMetadata(PUBLIC_METADATA, true);
