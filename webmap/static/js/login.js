/* The log-in page: showing the password, and taking over a demo account's name. Works without this file too. */
const name = document.getElementById('username');
const password = document.getElementById('password');
const show = document.querySelector('[data-show]');

show.hidden = false;
show.addEventListener('click', () => {
  const shown = password.type === 'password';
  password.type = shown ? 'text' : 'password';
  show.setAttribute('aria-pressed', String(shown));
  show.textContent = shown ? show.dataset.hide : show.dataset.show;
  password.focus();
});

for (const link of document.querySelectorAll('[data-use]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    name.value = link.dataset.use;
    password.focus();
  });
}

// Whoever has to log in is nobody here: route sheets that were kept for when there is no network go.
if ('caches' in window) caches.delete('area-sheets').catch(() => {});
