"""WhatsApp through WAHA: sessions by QR code, text in and out, acks."""
