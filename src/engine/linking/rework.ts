import { DELIVERY, DEPLOYMENT, type ServiceLink, STANDARD } from './service';
import { STEP } from '../steps';

/** METRICS, rework rate: deployments that deliver something, and only fixes. */
export function* reworkOf(link: ServiceLink, fixes: Uint8Array): Generator<void, Uint8Array> {
  const rework = new Uint8Array(link.count);
  for (let index = 0; index < link.count; index += 1) {
    if (index % STEP === STEP - 1) {
      yield;
    }
    if (link.kind[index] !== STANDARD || link.succeeded[index] === 0 || (link.flags[index] & DEPLOYMENT.baseline) !== 0) {
      continue;
    }
    let fixing = 0;
    let other = 0;
    for (let row = link.rowStart[index]; row < link.rowStart[index + 1]; row += 1) {
      if ((link.rowFlags[row] & DELIVERY.carrier) === 0) {
        if (fixes[row] === 1) {
          fixing += 1;
        } else {
          other += 1;
        }
      }
    }
    rework[index] = fixing > 0 && other === 0 ? 1 : 0;
  }
  return rework;
}
