import '@testing-library/jest-dom';

/** Layout does not exist in jsdom: these stand-ins report an element of fixed size that is always in view. */
const BOX = { x: 0, y: 0, top: 0, left: 0, right: 800, bottom: 600, width: 800, height: 600 };

class FixedResizeObserver implements ResizeObserver {
  constructor(private readonly callback: ResizeObserverCallback) {}

  observe(target: Element): void {
    const size = [{ inlineSize: BOX.width, blockSize: BOX.height }];
    const contentRect = { ...BOX, toJSON: () => BOX };
    queueMicrotask(() =>
      this.callback([{ target, contentRect, borderBoxSize: size, contentBoxSize: size, devicePixelContentBoxSize: size }], this)
    );
  }

  unobserve(): void {}

  disconnect(): void {}
}

class AlwaysInView implements IntersectionObserver {
  readonly root = null;
  readonly rootMargin = '0px';
  readonly thresholds = [0];

  constructor(private readonly callback: IntersectionObserverCallback) {}

  observe(target: Element): void {
    const rect = { ...BOX, toJSON: () => BOX };
    const entry = { target, isIntersecting: true, intersectionRatio: 1, time: 0, boundingClientRect: rect, intersectionRect: rect, rootBounds: rect };
    queueMicrotask(() => this.callback([entry], this));
  }

  unobserve(): void {}

  disconnect(): void {}

  takeRecords(): IntersectionObserverEntry[] {
    return [];
  }
}

window.ResizeObserver = FixedResizeObserver;
window.IntersectionObserver = AlwaysInView;
window.matchMedia = (media) => ({
  media,
  matches: false,
  onchange: null,
  addListener: () => undefined,
  removeListener: () => undefined,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  dispatchEvent: () => true,
});
Element.prototype.scrollIntoView = () => undefined;
Element.prototype.scrollTo = () => undefined;

// Comboboxes list only the rows that fit, so every element has a height.
Element.prototype.getBoundingClientRect = () => ({ ...BOX, toJSON: () => BOX });
for (const [name, size] of [
  ['offsetHeight', BOX.height],
  ['clientHeight', BOX.height],
  ['offsetWidth', BOX.width],
  ['clientWidth', BOX.width],
] as const) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size });
}

// Text measurement of axes and comboboxes: jsdom has no canvas; 8 px a character is near enough.
HTMLCanvasElement.prototype.getContext = (() => ({
  font: '',
  letterSpacing: '',
  measureText: (text: string) => ({ width: text.length * 8, actualBoundingBoxAscent: 8, actualBoundingBoxDescent: 2 }),
})) as unknown as typeof HTMLCanvasElement.prototype.getContext;
