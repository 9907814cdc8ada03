document.title = '3CX-Ninja Realtime'
