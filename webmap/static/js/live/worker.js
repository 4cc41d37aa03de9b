// The shared worker: one event stream a browser for each thing that is listened to, whatever the number of tabs.
import { Channel } from './channel.js';

const channels = new Map();

addEventListener('connect', ({ ports: [port] }) => {
  let listener = null;
  let channel = null;

  const leave = () => {
    if (!channel) return;
    channel.remove(listener);
    if (!channel.listeners.size) channels.delete(channel.query);
    channel = null;
  };

  port.onmessage = ({ data }) => {
    if (data.do === 'listen') {
      leave();
      channel = channels.get(data.query) ?? new Channel(data.query);
      channels.set(data.query, channel);
      listener = {
        after: data.after,
        message: (kind, text, id) => port.postMessage({ kind, data: text, id }),
        state: (state) => port.postMessage({ state }),
      };
      channel.add(listener);
    } else if (data.do === 'again') channel?.again();
    else if (data.do === 'leave') leave();
  };
  port.start();
});
