import { createRoot } from 'react-dom/client';
import { App } from './App';
import type { Board } from './board/board';
import { boot } from './grafana/boot';

const page = document.getElementById('page')!;

async function start(): Promise<void> {
  const host = await boot();
  const boards = await host.backend.get<Board[]>('/api/playground/boards');
  createRoot(page).render(<App host={host} boards={boards} />);
}

start().catch((error: unknown) => {
  const { data, message } = error as { data?: { message?: string }; message?: string };
  page.textContent = `The playground did not start: ${data?.message ?? message ?? String(error)}`;
});
