import { lazy, Suspense, useEffect, useState, type ComponentType } from 'react';
import { t } from '@grafana/i18n';
import { LoadingPlaceholder } from '@grafana/ui';

/** What is there sooner needs no word. */
const SLOW_MS = 300;

/**
 * An editor that the browser loads when it is first shown. Its place is kept free until then, so that nothing below moves.
 * @param height Of the editor as it is at first, in pixels.
 */
export function lazyEditor<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>, height: number): ComponentType<Props> {
  const Editor = lazy(load) as unknown as ComponentType<Props>;
  return function LazyEditor(props: Props) {
    return (
      <Suspense fallback={<Waiting height={height} />}>
        <Editor {...props} />
      </Suspense>
    );
  };
}

function Waiting({ height }: { height: number }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return <div style={{ minHeight: height }}>{slow && <LoadingPlaceholder text={t('editor.loading', 'Loading editor…')} />}</div>;
}
