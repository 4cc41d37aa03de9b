// On a narrow screen the tabs scroll sideways: the one that is open comes into view.
document.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
