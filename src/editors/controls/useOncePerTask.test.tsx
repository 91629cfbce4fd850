import { act, renderHook } from '@testing-library/react';
import { useOncePerTask } from './useOncePerTask';

describe('useOncePerTask', () => {
  it('passes the same value once in a task, other values at once, and the same again later', async () => {
    const sent: unknown[] = [];
    const { result, rerender } = renderHook(() => useOncePerTask<unknown>((value) => sent.push(value)));
    const first = result.current;
    act(() => first('table'));
    rerender();
    // A combobox that reports again may hold this or an earlier function.
    act(() => result.current('table'));
    act(() => first('table'));
    expect(sent).toEqual(['table']);
    act(() => result.current(['table']));
    expect(sent).toEqual(['table', ['table']]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    act(() => result.current(['table']));
    expect(sent).toEqual(['table', ['table'], ['table']]);
  });
});
