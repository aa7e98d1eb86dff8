import { mount } from 'svelte';
import '../../../web/src/ui/tokens.css';
import '../../../web/src/ui/elements.css';
import Gallery from './Gallery.svelte';

mount(Gallery, { target: document.body });
