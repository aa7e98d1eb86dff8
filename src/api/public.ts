import { SetMetadata } from '@nestjs/common';

export const PUBLIC_METADATA = 'tracevault:public';

/**
 * Opts a handler or controller out of the API's guard. Without it everything needs a signed-in person, so that a
 * forgotten decorator closes a door and doesn't open one. The proxy opts out, too: it has a guard of its own.
 */
export const Public = () => SetMetadata(PUBLIC_METADATA, true);
