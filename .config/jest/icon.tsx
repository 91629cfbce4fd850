import type { SVGProps } from 'react';

/** Stands for an icon's drawing: an element at once, with what the icon says of itself. */
export default function Icon({ src, title, innerRef: _innerRef, cacheRequests: _cacheRequests, loader: _loader, ...rest }: SVGProps<SVGSVGElement> & Record<string, unknown>) {
  return <svg {...rest} data-src={String(src)} aria-label={typeof title === 'string' ? title : undefined} />;
}
