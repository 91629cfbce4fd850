import { LoadingPlaceholder } from '@grafana/ui';
import { lazy, Suspense, type ComponentType } from 'react';

/** An editor that the browser loads when it is first shown, with a word until then. */
export function lazyEditor<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>): ComponentType<Props> {
  const Editor = lazy(load) as unknown as ComponentType<Props>;
  return function LazyEditor(props: Props) {
    return (
      <Suspense fallback={<LoadingPlaceholder text="Loading editor…" />}>
        <Editor {...props} />
      </Suspense>
    );
  };
}
