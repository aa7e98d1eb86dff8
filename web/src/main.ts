import { mount } from 'svelte';
import App from './app/App.svelte';
import './ui/tokens.css';
import './ui/elements.css';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
target.replaceChildren(); // the frame that is shown while the script is on its way
mount(App, { target });
