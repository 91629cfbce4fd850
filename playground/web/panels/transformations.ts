import { type DataFrame, type DataTransformerConfig, type DataTransformerInfo, type TransformerRegistryItem, standardTransformers, standardTransformersRegistry, transformDataFrame } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import type { Observable } from 'rxjs';

/** Grafana's own transformations, some of them under two names; its page registers each with an editor, which nothing here needs. */
const own = new Map(Object.values(standardTransformers).map((transformation) => [transformation.id, transformation as DataTransformerInfo]));
standardTransformersRegistry.setInit(() =>
  [...own].map(([id, transformation]): TransformerRegistryItem => ({ id, name: transformation.name, transformation, editor: () => null, imageDark: '', imageLight: '' }))
);

/** Frames after a panel's transformations, in their order. */
export function transformed(frames: DataFrame[], transformations: DataTransformerConfig[]): Observable<DataFrame[]> {
  return transformDataFrame(transformations, frames, { interpolate: (text: string) => getTemplateSrv().replace(text) });
}
