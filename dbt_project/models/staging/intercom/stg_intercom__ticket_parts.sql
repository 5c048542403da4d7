{{ stage_intercom_parts('ticket_parts', 'ticket_id') }}
